using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bioscope.Engine.Auditing;
using Bioscope.Server.Dashboard.Operating;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Commands;

/// <summary><c>bioscope audit</c>: who did what, when and from where, the newest first.</summary>
internal static class AuditCommand
{
    private const int ReadAtOnce = 1_000;

    // Commands speak English.
    private static readonly AuditWords Texts = new(Words.All[0]);

    public static Command Create(IReadOnlyList<Option<string>> settings)
    {
        var since = new Option<string?>("--since") { Description = "From this UTC day on, such as 2026-01-31", HelpName = "day" };
        var kind = new Option<string?>("--kind") { Description = $"Only one kind: {string.Join(", ", AuditKind.All)}", HelpName = "kind" };
        var json = CreatorStateCommands.JsonOption();
        var command = new Command("audit", "Show who did what, when and from where, the newest first") { since, kind, json };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var query = new AuditQuery(
                KindOf(parse.GetValue(kind)), null, DayOf(parse.GetValue(since)), DateTimeOffset.MaxValue.AddYears(-1));
            await using var context = await CommandContext.OpenOwnAsync(CommandLine.Given(parse, settings), cancellationToken);
            var audit = new AuditLog(context.Main, context.Clock);
            for (var offset = 0; ; offset += ReadAtOnce)
            {
                var events = await audit.ReadAsync(query, ReadAtOnce, offset, cancellationToken);
                foreach (var one in events)
                {
                    Console.WriteLine(
                        parse.GetValue(json) ? JsonSerializer.Serialize(PrintedEvent.Of(one), AuditJson.Default.PrintedEvent) : LineOf(one));
                }

                if (events.Count < ReadAtOnce)
                {
                    return 0;
                }
            }
        });
        return command;
    }

    private static string? KindOf(string? given) => given is null || AuditKind.All.Contains(given)
        ? given
        : throw new CommandException($"--kind: '{given}' is none of {string.Join(", ", AuditKind.All)}.");

    private static DateTimeOffset DayOf(string? given) => given is null ? DateTimeOffset.UnixEpoch
        : DateOnly.TryParseExact(given, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero)
            : throw new CommandException($"--since: '{given}' is not a day such as 2026-01-31.");

    private static string LineOf(NamedEvent one)
    {
        var (what, place) = (one.Event, one.Event.Network is null ? "" : $"  {one.Event.Network} {one.Event.Country}".TrimEnd());
        var about = AuditWords.UserOf(one) is { } user ? $"  about {user}" : "";
        var page = AuditWords.PageOf(one) is { } named ? $"  page {named}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what.At:yyyy-MM-dd HH:mm:ss} UTC  {what.Kind}{(what.Count > 1 ? $" × {what.Count}" : "")}  {Texts.WhoOf(one)}{about}{page}  {what.Origin}{place}");
    }
}

/// <summary>An event as scripts read it.</summary>
internal sealed record PrintedEvent(
    DateTimeOffset At, string Kind, int Count, Guid? ActorId, string? Actor, string? Key, Guid? UserId, string? User, Guid? BioPageId, string? Handle,
    string Origin, string? Network, string? Country, string? Subject)
{
    public static PrintedEvent Of(NamedEvent one) => new(
        one.Event.At, one.Event.Kind, one.Event.Count, one.Event.ActorId, one.Actor, one.Key, one.Event.UserId, one.User, one.Event.BioPageId, one.Handle,
        one.Event.Origin, one.Event.Network, one.Event.Country, one.Event.Subject);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(PrintedEvent))]
internal sealed partial class AuditJson : JsonSerializerContext;
