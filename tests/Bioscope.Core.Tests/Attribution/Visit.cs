using System.Text.Json;

namespace Bioscope.Core.Tests;

/// <summary>A visit as the tracker and its headers bring it, and what it is. A source that is null: the visit names none.</summary>
internal sealed record Visit(
    string? Source, string Channel, string Rung, string? Referrer, string Url, string? UserAgent, string? RequestedWith)
{
    private const string Page = "https://page.example/@mia";

    private const string IPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        + "Mobile/15E148 ";

    private const string Android = "Mozilla/5.0 (Linux; Android 14; SM-A546B Build/UP1A.231005.007; wv) AppleWebKit/537.36 "
        + "(KHTML, like Gecko) Version/4.0 Chrome/127.0.6533.103 Mobile Safari/537.36 ";

    /// <summary>The visits of <c>visits.txt</c>, whose first lines explain it.</summary>
    public static IEnumerable<Visit> Own => RepositoryFiles.Lines("tests/Bioscope.Core.Tests/Attribution/visits.txt").Select(OfLine);

    /// <summary>The visits of a file in the form of <c>shared/attribution/examples.json</c>.</summary>
    public static IEnumerable<Visit> OfJson(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(path));
        return
        [
            .. from visit in file.RootElement.EnumerateArray()
               select new Visit(
                   visit.GetProperty("source").GetString(), visit.GetProperty("channel").GetString()!,
                   visit.GetProperty("rung").GetString()!, visit.GetProperty("referrer").GetString(), visit.GetProperty("url").GetString()!,
                   visit.GetProperty("userAgent").GetString(), visit.GetProperty("requestedWith").GetString()),
        ];
    }

    /// <summary>What is stored of it.</summary>
    public SessionFacts Facts => new()
    {
        Attribution = Attribution.Of(Url),
        ReferrerDomain = Core.Referrer.Domain(Referrer) is { } domain && domain != Core.Referrer.Domain(Url) ? domain : null,
        App = Core.UserAgent.Facts(UserAgent).InAppBrowser,
        RequestedWith = RequestedWith,
    };

    /// <summary>What the ladder says, where it says something else; null where it is right.</summary>
    public string? Mistake()
    {
        var told = AttributionLadder.Of(Facts);
        var source = Source ?? AttributionLadder.NoSource;
        return string.Equals(told.Source, source, StringComparison.OrdinalIgnoreCase) && told.Channel == Channel && told.Rung == Rung
            ? null
            : $"{told.Source}, {told.Channel}, {told.Rung}: {this}";
    }

    private static Visit OfLine(string line)
    {
        var parts = line.Split('\t');
        var fields = parts.Skip(3).ToDictionary(part => part[0], part => part[2..]);
        return new Visit(
            parts[0] is "-" ? null : parts[0], parts[1], parts[2], fields.GetValueOrDefault('r'),
            fields.TryGetValue('q', out var query) ? $"{Page}?{query}" : Page,
            fields.TryGetValue('i', out var ios) ? IPhone + ios
                : fields.TryGetValue('a', out var android) ? Android + android
                : fields.GetValueOrDefault('u'),
            fields.GetValueOrDefault('x'));
    }
}
