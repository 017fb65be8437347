using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Json;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Web;
using NodaTime;
using NodaTime.Text;

namespace Bioscope.Server.Dashboard;

/// <summary>The form of a link, read as the API's fields, so that it has the same rules; its times are in the creator's zone.</summary>
internal sealed record PostedLink(LinkFields? Fields, ApiError? Refusal)
{
    /// <summary>How a browser writes a local time.</summary>
    private static readonly LocalDateTimePattern Minutes = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm");

    /// <param name="form">What was sent.</param>
    /// <param name="link">The link to change; null for a new one.</param>
    /// <param name="zone">The creator's zone.</param>
    public static PostedLink Of(IFormCollection form, BioLink? link, DateTimeZone zone)
    {
        var isHeading = link?.Heading ?? form["heading"] == "1";
        var json = new JsonObject { ["title"] = form["title"].ToString(), ["heading"] = isHeading };
        if (!isHeading)
        {
            var address = PastedAddress.Complete(form["url"].ToString());
            json["url"] = address;
            if (link is null && string.IsNullOrWhiteSpace(form["title"]))
            {
                json["title"] = ShownText.Of(PastedAddress.TitleOf(address));
            }
        }

        if (form.ContainsKey("startsAt") || form.ContainsKey("endsAt"))
        {
            json["startsAt"] = InstantOf(form["startsAt"].ToString(), link?.StartsAt, zone);
            json["endsAt"] = InstantOf(form["endsAt"].ToString(), link?.EndsAt, zone);
        }

        using var body = JsonBody.Parse(Encoding.UTF8.GetBytes(json.ToJsonString())).Body!;
        var fields = LinkFields.Read(body);
        return JsonRequest.Refusal(body) is { } refusal ? new PostedLink(null, refusal) : new PostedLink(fields, null);
    }

    /// <summary>A time as the form shows it; empty for none.</summary>
    public static string TextOf(DateTimeOffset? instant, DateTimeZone zone) =>
        instant is { } at ? Minutes.Format(LocalOf(at, zone)) : "";

    /// <summary>The local time of an instant.</summary>
    public static LocalDateTime LocalOf(DateTimeOffset instant, DateTimeZone zone) =>
        ZonedDateTime.FromDateTimeOffset(instant).WithZone(zone).LocalDateTime;

    // A time that the form showed and nobody changed stays exact: its seconds, and which of two equal hours it is when clocks go back.
    // Of a new time in these hours the first one is meant, and a time that clocks skip is as much later as they do.
    private static string? InstantOf(string text, DateTimeOffset? kept, DateTimeZone zone)
    {
        if (text == TextOf(kept, zone))
        {
            return kept is { } unchanged ? unchanged.ToText() : null;
        }

        if (text.Length == 0)
        {
            return null;
        }

        var local = text.Length > 16 ? LocalDateTimePattern.GeneralIso.Parse(text) : Minutes.Parse(text);
        return local.Success ? zone.AtLeniently(local.Value).ToDateTimeOffset().ToText() : text;
    }
}
