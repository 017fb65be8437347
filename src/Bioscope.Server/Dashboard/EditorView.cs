using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The form of the page and its preview.</summary>
/// <param name="Desk">Whose page it is.</param>
/// <param name="Avatar">The page's picture, if it has one.</param>
/// <param name="Problem">Why the form that was sent changed nothing.</param>
/// <param name="Form">That form.</param>
/// <param name="IsSaved">Whether a form was saved a moment ago.</param>
/// <param name="FormField">The hidden field of forms.</param>
internal sealed record EditorView(Desk Desk, AvatarImage? Avatar, string? Problem, IFormCollection? Form, bool IsSaved, Html FormField)
{
    // The link to the page differs each time, because the browser may keep the page as it was for a minute.
    public Html Render() => Html.Of($"""
        {PageTop.Render(Desk, FormField, EditorPage.Path)}
        <main id="main" class="all-rows editor">
        <h1>Your page</h1>
        {Notice()}
        <div class="edit"><section class="seen" aria-label="Preview"><iframe name="preview" src="{EditorPage.Path}/preview" title="Preview of your page"></iframe></section>
        <div class="forms">{Picture()}<form class="fields" method="post" action="{EditorPage.Path}" data-preview>{FormField}
        {Text("title", "Name", Desk.Page.Title, Html.Of($"""maxlength="{BioPageRow.MaxTitle}" autocomplete="off" """))}
        <label>Text <textarea name="description" rows="3" maxlength="{BioPageRow.MaxDescription}">{Value("description", Desk.Page.Description)}</textarea></label>
        {Text("handle", "Address: /@", Desk.Page.Handle, Html.Of($"""maxlength="31" autocomplete="off" autocapitalize="off" spellcheck="false" pattern="@?[A-Za-z0-9._\-]+" title="{Handle.Rule}" """))}
        <p class="note">If you change it, the old address leads here for {Desk.Number((long)OldHandles.KeptFor.TotalDays)} days.</p>
        <fieldset class="themes"><legend>Look</legend>{PageTheme.All.Select(Theme)}</fieldset>
        <div class="two"><label>Colour <input type="color" name="colour" value="{Value("colour", Desk.Page.Colour ?? EditorPage.UsualColourOf(Desk.Page))}"></label><label>Fonts <select name="font">{PageFont.All.Select(Font)}</select></label></div>
        <label>Profiles, one address per line <textarea name="icons" rows="3" autocapitalize="off" spellcheck="false" placeholder="instagram.com/anna">{Value("icons", string.Join('\n', Desk.Page.Icons ?? []))}</textarea></label>
        <label>Who sees it <select name="published"><option value="1">Everyone</option><option value="0"{Selected(Value("published", Desk.Page.Published is false ? "0" : "1") == "0")}>Nobody: visitors get “Page not found”, and nothing is counted</option></select></label>
        <p class="act"><button class="go">Save</button><button class="other" formaction="{EditorPage.Path}/preview" formtarget="preview" formnovalidate>Preview</button></p></form></div></div>
        </main>

        """);

    private Html Notice() => Problem is not null
        ? Html.Of($"""<p class="problem" role="alert">Not saved: {Problem}.</p>""")
        : IsSaved
            ? Html.Of($"""<p class="problem" role="status">Saved.{(Desk.Page.Handle is { } handle && Desk.Page.Published is not false ? Html.Of($""" <a href="/@{handle}?saved={Desk.Timeframe.Now.ToString(CultureInfo.InvariantCulture)}">See your page</a>""") : Html.Nothing)}</p>""")
            : Html.Nothing;

    private Html Picture() => Html.Of($"""
        <form class="avatar" method="post" action="{EditorPage.Path}/avatar" enctype="multipart/form-data">{FormField}{(Avatar is null ? Html.Nothing : Html.Of($"""<img class="face" src="{Avatar.SmallAsUrl}" width="64" height="64" alt="Your picture">"""))}<label>Picture <input type="file" name="picture" accept="image/jpeg,image/png,image/webp,image/avif" required></label><button class="other">Upload</button>{(Avatar is null ? Html.Nothing : Html.Of($"""<button class="other" name="remove" value="1" formnovalidate>Remove</button>"""))}</form>
        """);

    private Html Text(string name, string label, string? stored, Html attributes) => Html.Of(
        $"""<label>{label} <input name="{name}" value="{Value(name, stored)}" {attributes}></label>""");

    private Html Theme(PageTheme theme) => Html.Of($"""
        <label><input type="radio" name="theme" value="{theme.Name}"{(Value("theme", Desk.Page.Theme ?? PageTheme.All[0].Name) == theme.Name ? Html.Trusted(" checked") : Html.Nothing)}> {Capital(theme.Name)}</label>
        """);

    private Html Font(PageFont font) => Html.Of(
        $"""<option value="{font.Name}"{Selected(Value("font", Desk.Page.Font ?? PageFont.All[0].Name) == font.Name)}>{Capital(font.Name)}</option>""");

    private static Html Selected(bool isIt) => isIt ? Html.Trusted(" selected") : Html.Nothing;

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    /// <summary>What was sent and refused, or else what is stored.</summary>
    private string Value(string field, string? stored) => Form?.ContainsKey(field) == true ? Form[field].ToString() : stored ?? "";
}
