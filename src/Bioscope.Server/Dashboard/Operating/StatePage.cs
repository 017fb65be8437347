using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Dashboard.Blocks;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Operating;

/// <summary><c>/operator</c>: warnings, health, storage, what waits and what failed.</summary>
internal static class StatePage
{
    public static async Task ShowAsync(HttpContext http)
    {
        if (await OperatorRoutes.OperatorAsync(http) is null)
        {
            return;
        }

        var state = await ServerState.ReadAsync(http.RequestServices, http.RequestAborted);
        var words = Words.Of(http);
        var settings = http.RequestServices.GetRequiredService<Settings>();
        await OperatorFrame.WriteAsync(
            http, SessionCookie.OperatorPath, new OperatorWords(words).State,
            Render(state, settings, words, http.RequestServices.GetRequiredService<MainDatabase>().FilePath is null));
    }

    private static Html Render(ServerState state, Settings settings, Words words, bool isOnServer)
    {
        var texts = new OperatorWords(words);
        return Html.Of($"""
            {Section("warnings", texts.Warnings, state.Warnings.Count == 0 ? Html.Of($"""<p class="note">{texts.NoWarnings}</p>""") : Html.Of($"""<ul class="placed">{state.Warnings.Select(English)}</ul>"""))}
            {Section("health", texts.Health, Facts(
                (texts.Version, Html.Of($"{ServerState.Version}")),
                (texts.Ready, state.NotReady.Count == 0 ? Html.Of($"{texts.Yes}") : Html.Of($"""<ul>{state.NotReady.Select(English)}</ul>"""))))}
            {Section("storage", texts.Storage, Facts([.. state.Databases.Select(database => (database.Name == "main" ? texts.MainDatabase : texts.AnalyticsDatabase, Html.Of($"""<bdi dir="ltr">{database.Engine}, {ServerState.Mebibytes(database.Bytes)}</bdi>""")))]))}
            {Section("counting", texts.Counting, Facts(
                (texts.Waiting, Html.Of($"{words.Language.Number(state.Waiting)}")),
                (texts.DropsToday, state.Drops.Count == 0 ? Html.Of($"{texts.NoDrops}") : Html.Of($"{new DashboardWords(words).ListOf(state.Drops.Select(drop => NotCounted.Said(words, drop.Reason, drop.Count)))}")),
                (texts.SealedUntil, Html.Of($"{(state.SealedUntil is { } at ? OperatorFrame.At(words, at) : texts.NotYet)}"))))}
            {Section("mail", texts.Mail, Facts(
                (texts.MailServer, settings.Mail is { } server ? Html.Of($"""<bdi dir="ltr">{server.ToString()}</bdi>""") : Html.Of($"{texts.NoMail}")),
                (texts.OutboxWaiting, Html.Of($"{words.Language.Number(state.Outbox.Waiting)}")),
                (texts.OutboxFailed, Html.Of($"{words.Language.Number(state.Outbox.Failed)}"))))}
            {Section("backups", texts.Backups, Facts(
                (texts.LastBackup, Html.Of($"{(state.LastBackup is { } last ? OperatorFrame.At(words, last) : settings.BackupFolder is not null ? texts.NotYet : isOnServer ? texts.OtherBackups : texts.NoBackups)}"))))}
            <p class="note">{texts.OfInstance}</p>
            """);
    }

    private static Html Section(string id, string title, Html content) => Html.Of($"""
        <section class="block" aria-labelledby="{id}-title"><header><h2 id="{id}-title">{title}</h2></header>
        {content}</section>
        """);

    private static Html Facts(params IReadOnlyList<(string Name, Html Value)> facts) => Html.Of($"""
        <div class="uncounted"><dl>{facts.Select(fact => Html.Of($"""<div><dt>{fact.Name}</dt><dd>{fact.Value}</dd></div>"""))}</dl></div>
        """);

    // Commands and settings are English, and so is what is said about them.
    private static Html English(string text) => Html.Of($"""<li lang="en" dir="ltr">{text}</li>""");
}
