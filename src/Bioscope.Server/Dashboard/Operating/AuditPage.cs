using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Operating;

/// <summary><c>/operator/audit</c>: who did what, when and from where, by kind, person and UTC days.</summary>
internal static class AuditPage
{
    private const int PerPage = 100, MaxOffset = 10_000_000;

    public static async Task ShowAsync(HttpContext http)
    {
        if (await OperatorRoutes.OperatorAsync(http) is null)
        {
            return;
        }

        var (services, query) = (http.RequestServices, http.Request.Query);
        string Given(string name) => query[name].ToString() is { Length: <= CreatorList.MaxSearch } text ? text.Trim() : "";
        var (kind, person, from, until) = (
            AuditKind.All.FirstOrDefault(known => known == Given("kind")), Given("person"), DayOf(Given("from")), DayOf(Given("until")));
        var offset = int.TryParse(Given("offset"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? Math.Min(given, MaxOffset) : 0;
        // Of who is erased only the id is known.
        var user = person.Length == 0 ? (Guid?)null
            : (await CreatorList.FindAsync(services.GetRequiredService<MainDatabase>(), person, http.RequestAborted))?.UserId
            ?? (Uuid.TryParse(person, out var id) ? id : Guid.Empty);
        // One more than is shown says whether there are older ones.
        var events = await services.GetRequiredService<AuditLog>().ReadAsync(
            new AuditQuery(
                kind, user, StartOf(from ?? DateOnly.FromDateTime(DateTime.UnixEpoch)),
                StartOf((until ?? DateOnly.MaxValue.AddDays(-2)).AddDays(1))),
            PerPage + 1, offset, http.RequestAborted);
        var words = Words.Of(http);
        var texts = new AuditWords(words);
        await OperatorFrame.WriteAsync(http, OperatorFrame.Audit, new OperatorWords(words).Audit, Html.Of($"""
            <div class="zone"><form class="whole" action="{OperatorFrame.Audit}"><label>{texts.What} <select name="kind"><option value="">{texts.Everything}</option>{AuditKind.All.Select(known => Html.Of($"""<option value="{known}"{(known == kind ? Html.Trusted(" selected") : Html.Nothing)}>{texts.Of(known)}</option>"""))}</select></label><label>{texts.Person} <input name="person" maxlength="{CreatorList.MaxSearch}" value="{person}" autocomplete="off"></label><label>{texts.FromDay} <input name="from" type="date" value="{TextOf(from)}"></label><label>{texts.UntilDay} <input name="until" type="date" value="{TextOf(until)}"></label><button>{texts.Show}</button></form></div>
            {(events.Count == 0 ? Html.Of($"""<p class="none">{texts.None}</p>""") : Table([.. events.Take(PerPage)], words, texts))}
            {Turning(offset, events.Count > PerPage)}
            <p class="note">{texts.Note}</p>
            """));

        Html Turning(int at, bool hasMore) => at == 0 && !hasMore ? Html.Nothing : Pager.Render(
            new OperatorWords(words).Audit,
            (at > 0 ? AddressOf(Math.Max(0, at - PerPage)) : null, texts.Newer), null, (hasMore ? AddressOf(at + PerPage) : null, texts.Older));

        string AddressOf(int to) => string.Create(
            CultureInfo.InvariantCulture,
            $"{OperatorFrame.Audit}?kind={kind}&person={Uri.EscapeDataString(person)}&from={TextOf(from)}&until={TextOf(until)}&offset={to}");
    }

    private static Html Table(IReadOnlyList<NamedEvent> events, Words words, AuditWords texts) => Html.Of($"""
        <div class="scroll wide-table" tabindex="0" role="group" aria-label="{new OperatorWords(words).Audit}"><table><thead><tr><th scope="col">{texts.When}</th><th scope="col" class="text">{texts.What}</th><th scope="col" class="text">{texts.Who}</th><th scope="col" class="text">{texts.About}</th><th scope="col" class="text">{texts.Where}</th></tr></thead>
        <tbody>{events.Select(one => Row(one, words, texts))}</tbody></table></div>
        """);

    private static Html Row(NamedEvent one, Words words, AuditWords texts)
    {
        var what = one.Event;
        var about = string.Join(" ", new[] { AuditWords.UserOf(one), AuditWords.PageOf(one) }.OfType<string>());
        return Html.Of($"""
            <tr data-kind="{what.Kind}"><th scope="row">{OperatorFrame.At(words, what.At)}</th><td class="text">{texts.Of(what.Kind)}{(what.Count > 1 ? Html.Of($" × {words.Language.Number(what.Count)}") : Html.Nothing)}</td><td class="text"><bdi>{texts.WhoOf(one)}</bdi></td><td class="text"><bdi>{about}</bdi></td><td class="text"><bdi dir="ltr">{what.Origin}</bdi>{(what.Network is { } network ? Html.Of($"""<br><bdi dir="ltr">{network} {what.Country}</bdi>""") : Html.Nothing)}</td></tr>
            """);
    }

    private static DateOnly? DayOf(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 1970 and < 9990 ? day : null;

    private static string TextOf(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";

    private static DateTimeOffset StartOf(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}
