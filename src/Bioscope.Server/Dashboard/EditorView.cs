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
    private readonly EditorWords _words = new(Desk.Words);

    private readonly FormWords _form = new(Desk.Words);

    // The link to the page differs each time, because the browser may keep the page as it was for a minute.
    public Html Render() => Html.Of($"""
        {PageTop.Render(Desk, FormField, EditorPage.Path)}
        <main id="main" class="all-rows editor">
        <h1>{_words.Heading}</h1>
        {Notice()}
        <div class="edit"><section class="seen" aria-label="{_words.Preview}"><iframe name="preview" src="{EditorPage.Path}/preview" title="{_words.PreviewOfPage}"></iframe></section>
        <div class="forms">{Picture()}<form class="fields" method="post" action="{EditorPage.Path}" data-preview>{FormField}
        {Text("title", Html.Of($"{_words.Name}"), Desk.Page.Title, Html.Of($"""maxlength="{BioPageRow.MaxTitle}" autocomplete="off" """))}
        <label>{_words.Description} <textarea name="description" rows="3" maxlength="{BioPageRow.MaxDescription}">{Value("description", Desk.Page.Description)}</textarea></label>
        {Text("handle", _words.Address(JoinPage.HandlePrefix), Desk.Page.Handle, Html.Of($"""maxlength="31" autocomplete="off" autocapitalize="off" spellcheck="false" pattern="@?[A-Za-z0-9._\-]+" title="{new JoinWords(Desk.Words).AddressRule}" """))}
        <p class="note">{_words.OldAddress((long)OldHandles.KeptFor.TotalDays)}</p>
        <fieldset class="themes"><legend>{_words.Look}</legend>{PageTheme.All.Select(Theme)}</fieldset>
        <div class="two"><label>{_words.Colour} <input type="color" name="colour" value="{Value("colour", Desk.Page.Colour ?? EditorPage.UsualColourOf(Desk.Page))}"></label><label>{_words.Fonts} <select name="font">{PageFont.All.Select(Font)}</select></label></div>
        <label>{_words.Profiles} <textarea name="icons" rows="3" autocapitalize="off" spellcheck="false" placeholder="instagram.com/anna">{Value("icons", string.Join('\n', Desk.Page.Icons ?? []))}</textarea></label>
        <label>{_words.WhoSees} <select name="published"><option value="1">{_words.Everyone}</option><option value="0"{Selected(Value("published", Desk.Page.Published is false ? "0" : "1") == "0")}>{_words.Nobody}</option></select></label>
        <p class="act"><button class="go">{_form.Save}</button><button class="other" formaction="{EditorPage.Path}/preview" formtarget="preview" formnovalidate>{_words.Preview}</button></p></form></div></div>
        </main>

        """);

    private Html Notice() => Problem is not null
        ? Html.Of($"""<p class="problem" role="alert">{_form.NotSaved(Problem)}</p>""")
        : IsSaved
            ? Html.Of($"""<p class="problem" role="status">{_form.Saved}{(Desk.Page.Handle is { } handle && Desk.Page.Published is not false ? Html.Of($""" <a href="/@{handle}?saved={Desk.Timeframe.Now.ToString(CultureInfo.InvariantCulture)}">{_words.SeePage}</a>""") : Html.Nothing)}</p>""")
            : Html.Nothing;

    private Html Picture() => Html.Of($"""
        <form class="avatar" method="post" action="{EditorPage.Path}/avatar" enctype="multipart/form-data">{FormField}{(Avatar is null ? Html.Nothing : Html.Of($"""<img class="face" src="{Avatar.SmallAsUrl}" width="64" height="64" alt="{_words.YourPicture}">"""))}<label>{_words.Picture} <input type="file" name="picture" accept="image/jpeg,image/png,image/webp,image/avif" required></label><button class="other">{_words.Upload}</button>{(Avatar is null ? Html.Nothing : Html.Of($"""<button class="other" name="remove" value="1" formnovalidate>{_form.Remove}</button>"""))}</form>
        """);

    private Html Text(string name, Html label, string? stored, Html attributes) => Html.Of(
        $"""<label>{label} <input name="{name}" value="{Value(name, stored)}" {attributes}></label>""");

    private Html Theme(PageTheme theme) => Html.Of($"""
        <label><input type="radio" name="theme" value="{theme.Name}"{(Value("theme", Desk.Page.Theme ?? PageTheme.All[0].Name) == theme.Name ? Html.Trusted(" checked") : Html.Nothing)}> {ThemeName(theme)}</label>
        """);

    private Html Font(PageFont font) => Html.Of(
        $"""<option value="{font.Name}"{Selected(Value("font", Desk.Page.Font ?? PageFont.All[0].Name) == font.Name)}>{FontName(font)}</option>""");

    private static Html Selected(bool isIt) => isIt ? Html.Trusted(" selected") : Html.Nothing;

    private string ThemeName(PageTheme theme) => theme.Name switch
    {
        "soft" => _words.Soft,
        "paper" => _words.Paper,
        "vivid" => _words.Vivid,
        "outline" => _words.Outline,
        "dusk" => _words.Dusk,
        "night" => _words.Night,
        var name => name,
    };

    private string FontName(PageFont font) => font.Name switch
    {
        "classic" => _words.Classic,
        "modern" => _words.Modern,
        "book" => _words.Book,
        "round" => _words.Round,
        "typewriter" => _words.Typewriter,
        var name => name,
    };

    /// <summary>What was sent and refused, or else what is stored.</summary>
    private string Value(string field, string? stored) => Form?.ContainsKey(field) == true ? Form[field].ToString() : stored ?? "";
}
