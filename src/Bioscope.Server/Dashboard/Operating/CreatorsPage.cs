using System.Globalization;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Dashboard.Team;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Operating;

/// <summary><c>/operator/creators</c>: all users, found by handle, e-mail address or title; and a form that invites one more.</summary>
internal static class CreatorsPage
{
    private const int PerPage = 50, MaxOffset = 1_000_000;

    private static readonly TimeSpan InvitationLife = TimeSpan.FromDays(7);

    public static async Task ShowAsync(HttpContext http)
    {
        if (await OperatorRoutes.OperatorAsync(http) is not null)
        {
            var words = new OperatorWords(Words.Of(http));
            await WriteAsync(http, OperatorFrame.Said(http.Request.Query["deleted"] == "1" ? words.IsDeleted : null));
        }
    }

    /// <summary><c>POST /operator/creators</c>: makes an invitation, and shows its link once.</summary>
    public static async Task InviteAsync(HttpContext http)
    {
        if (await OperatorRoutes.FormAsync(http) is not var (_, form))
        {
            return;
        }

        var (services, words) = (http.RequestServices, Words.Of(http));
        var email = CreatorStore.NormalizeEmail(form["email"].ToString());
        if (!services.GetRequiredService<Settings>().SignUpByInvitation || (email.Length > 0 && !EmailRequest.IsAddress(email)))
        {
            var refusal = ApiError.Invalid("the e-mail address must be one, or empty");
            http.Response.StatusCode = refusal.Status;
            await WriteAsync(http, OperatorFrame.Problem(words, refusal));
            return;
        }

        var (invitation, token) = await Invitations.AddAsync(
            services.GetRequiredService<MainDatabase>(), email.Length == 0 ? null : email, services.GetRequiredService<TimeProvider>().GetUtcNow(),
            InvitationLife, http.RequestAborted);
        await Audit.WriteAsync(http, AuditKind.Invitation, subject: invitation.Id.ToString("D"));
        await WriteAsync(http, Html.Of($"""
            {OperatorFrame.Said(new OperatorWords(words).Invited(OperatorFrame.At(words, invitation.ExpiresAt)))}
            <div class="copy"><code tabindex="0">{ServerUrl.Of(http) + JoinPage.AddressOf(token)}</code><button type="button" data-copy hidden>{new FormWords(words).Copy}</button></div>
            """));
    }

    /// <summary>What is to be said of a user's state.</summary>
    public static string StateOf(Words words, ListedCreator creator)
    {
        var texts = new OperatorWords(words);
        return new DashboardWords(words).ListOf(new[]
        {
            creator.SuspendedAt is null ? texts.Active : texts.Suspended, creator.IsHidden ? texts.PageHidden : null,
            creator.IsOperator ? texts.IsOperator : null,
        }.OfType<string>());
    }

    private static async Task WriteAsync(HttpContext http, Html said)
    {
        var (services, words) = (http.RequestServices, Words.Of(http));
        var texts = new OperatorWords(words);
        var search = http.Request.Query["search"].ToString();
        search = search.Length > CreatorList.MaxSearch ? search[..CreatorList.MaxSearch] : search;
        var offset = int.TryParse(http.Request.Query["offset"], NumberStyles.None, CultureInfo.InvariantCulture, out var from) && from <= MaxOffset
            ? from / PerPage * PerPage
            : 0;
        var (creators, total) = await CreatorList.ReadAsync(
            services.GetRequiredService<MainDatabase>(), search, PerPage, offset, http.RequestAborted);
        await OperatorFrame.WriteAsync(http, OperatorFrame.Creators, texts.Creators, Html.Of($"""
            {said}
            <form class="by" action="{OperatorFrame.Creators}"><label>{texts.Search} <input name="search" type="search" maxlength="{CreatorList.MaxSearch}" value="{search}" autocomplete="off"></label><button>{new PagesWords(words).Search}</button></form>
            <section class="block" aria-label="{texts.Creators}">{(creators.Count == 0 ? Html.Of($"""<p class="none">{texts.Nobody}</p>""") : Table(creators, words, texts))}
            {Turning(search, offset, creators.Count, total, words)}</section>
            <section class="block" aria-labelledby="invite-title"><header><h2 id="invite-title">{texts.Invite}</h2></header>
            {(services.GetRequiredService<Settings>().SignUpByInvitation ? Invite(http, texts) : Html.Of($"""<p class="note">{texts.NoInvitations}</p>"""))}</section>
            """));
    }

    private static Html Invite(HttpContext http, OperatorWords texts) => Html.Of($"""
        <div class="zone"><form method="post" action="{OperatorFrame.Creators}">{OperatorFrame.FieldFor(http)}<label>{texts.InviteEmail} <input name="email" type="email" autocomplete="off" maxlength="{CreatorStore.MaxEmailChars}"></label><button>{texts.Invite}</button></form></div>
        """);

    private static Html Table(IReadOnlyList<ListedCreator> creators, Words words, OperatorWords texts) => Html.Of($"""
        <div class="scroll wide-table" tabindex="0" role="group" aria-label="{texts.Creators}"><table><thead><tr><th scope="col">{texts.Creator}</th><th scope="col" class="text">{texts.Email}</th><th scope="col" class="text">{texts.Since}</th><th scope="col" class="text">{texts.Status}</th></tr></thead>
        <tbody>{creators.Select(creator => Html.Of($"""<tr><th scope="row"><a href="{OperatorFrame.Creators}/{creator.UserId}"><bdi>{NameOf(creator)}</bdi></a></th><td class="text"><bdi>{creator.Email}</bdi></td><td class="text">{words.Language.YearDay(DateOnly.FromDateTime(creator.CreatedAt.UtcDateTime))}</td><td class="text">{StateOf(words, creator)}</td></tr>"""))}</tbody></table></div>
        """);

    /// <summary>A page's name and handle, or who has none.</summary>
    public static string NameOf(ListedCreator creator) => (creator.Title, creator.Handle) switch
    {
        ({ } title, { } handle) => $"{ShownText.Of(title)} (@{handle})",
        ({ } title, null) => ShownText.Of(title),
        (null, { } handle) => "@" + handle,
        _ => creator.Name,
    };

    private static Html Turning(string search, int offset, int count, long total, Words words)
    {
        var (texts, language) = (new PagesWords(words), words.Language);
        return total <= PerPage ? Html.Nothing : Pager.Render(
            texts.Parts,
            (AddressOf(offset - PerPage), texts.Previous),
            texts.Range(language.Number(offset + 1), language.Number(offset + count), language.Number(total)),
            (AddressOf(offset + PerPage), texts.Next));

        string? AddressOf(int to) => to < 0 || to >= total ? null
            : string.Create(CultureInfo.InvariantCulture, $"{OperatorFrame.Creators}?search={Uri.EscapeDataString(search)}&offset={to}");
    }
}
