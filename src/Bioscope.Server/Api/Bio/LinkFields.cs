using Bioscope.Core;
using Bioscope.Engine.Json;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Bio;

/// <summary>The fields of a link to add, or the changes of one; null leaves a field of an existing link as it is.</summary>
internal sealed record LinkFields(string? Title, string? Url, bool? Heading, bool? Active, bool? Pinned, LinkSchedule? Schedule)
{
    private const int MaxUrl = 2048;

    /// <summary>Changes nothing.</summary>
    public static LinkFields Unchanged { get; } = new(null, null, null, null, null, null);

    /// <summary>Reads and validates a body that adds or changes a link.</summary>
    public static LinkFields Read(JsonBody body)
    {
        var title = DisplayText.RequiredLine(body, "title");
        var isHeading = body.OptionalBoolean("heading") ?? false;
        var url = isHeading ? NoUrl(body) : ReadUrl(body);
        var active = body.OptionalBoolean("active");
        var pinned = body.OptionalBoolean("pinned");
        if (isHeading && pinned == true)
        {
            body.Refuse("pinned", "must be false for a heading");
        }

        return new LinkFields(title, url, isHeading, active, isHeading ? false : pinned, LinkSchedule.Read(body));
    }

    private static string ReadUrl(JsonBody body)
    {
        var given = body.RequiredText("url", 1, MaxUrl);
        var url = given.Trim(' ');
        if (given.Length is > 0 and <= MaxUrl && !OutboundUrl.IsAllowed(url))
        {
            body.Refuse("url", "must be a web address that starts with http:// or https://, without a user name in it");
        }

        return url;
    }

    private static string NoUrl(JsonBody body)
    {
        if (body.OptionalText("url", 1) is { Length: > 0 })
        {
            body.Refuse("url", "must be absent for a heading");
        }

        return "";
    }
}

/// <summary>When a page begins and ends to show a link; null for no such bound.</summary>
internal sealed record LinkSchedule(DateTimeOffset? StartsAt, DateTimeOffset? EndsAt)
{
    /// <returns>Null when the body has neither of its fields; then an existing link keeps its own.</returns>
    public static LinkSchedule? Read(JsonBody body)
    {
        var schedule = new LinkSchedule(body.OptionalInstant("startsAt"), body.OptionalInstant("endsAt"));
        if (schedule.StartsAt >= schedule.EndsAt)
        {
            body.Refuse("endsAt", "must be after startsAt");
        }

        return body.Has("startsAt") || body.Has("endsAt") ? schedule : null;
    }
}
