using System.Text.Json;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Json;
using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Import;

/// <summary>Reads what a creator decided about a page, as an export has it.</summary>
internal static class ImportedChoices
{
    // The longest that the API stores.
    private const int MaxRules = 1 << 20;

    public static PageChoices Read(JsonBody body) => new()
    {
        TimeZone = Known(body, "timeZone", name => TimeZoneName.Find(name)?.Id, "must be the IANA name of a time zone"),
        Theme = Known(body, "theme", PageLookText.Theme, PageLookText.ThemeRule),
        Colour = Known(body, "colour", PageLookText.Colour, PageLookText.ColourRule),
        Font = Known(body, "font", PageLookText.Font, PageLookText.FontRule),
        Icons = Icons(body),
        Published = body.OptionalBoolean("published") ?? true,
        SourceRules = Rules(body),
        ShowsReferrerSpam = body.OptionalBoolean("showsReferrerSpam"),
    };

    private static string? Known(JsonBody body, string field, Func<string, string?> parse, string rule)
    {
        if (body.OptionalText(field, int.MaxValue) is not { } text)
        {
            return null;
        }

        var known = parse(text);
        if (known is null)
        {
            body.Refuse(field, rule);
        }

        return known;
    }

    private static IReadOnlyList<string>? Icons(JsonBody body)
    {
        var icons = body.OptionalTexts("icons");
        if (icons is not null && PageLookText.ProblemOfIcons(icons) is { } problem)
        {
            body.Refuse("icons", problem);
        }

        return icons;
    }

    private static string? Rules(JsonBody body)
    {
        if (body.OptionalText("sourceRules", MaxRules) is not { } text)
        {
            return null;
        }

        try
        {
            using var rules = JsonDocument.Parse(text);
            if (RuleReader.Read(rules.RootElement).Details.Count == 0)
            {
                return text;
            }
        }
        catch (JsonException)
        {
            // refused below
        }

        body.Refuse("sourceRules", "must be rules for sources as JSON");
        return null;
    }
}
