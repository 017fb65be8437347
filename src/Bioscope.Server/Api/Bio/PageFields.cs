using Bioscope.Engine.Json;
using Bioscope.Engine.Rows;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Bio;

/// <summary>
/// The validated fields of a body that changes a page. Title and description are replaced, also by null; of the others null leaves what
/// the page has, and empty sets the default.
/// </summary>
internal sealed record PageFields(string? Title, string? Description, string? Handle)
{
    public string? Theme { get; init; }

    public string? Colour { get; init; }

    public string? Font { get; init; }

    public IReadOnlyList<string>? Icons { get; init; }

    public bool? Published { get; init; }

    public static PageFields Read(JsonBody body)
    {
        var title = DisplayText.Line(body, "title");
        var description = DisplayText.Text(body, "description", BioPageRow.MaxDescription, mayBreak: true);
        var handle = body.OptionalText("handle", int.MaxValue) is { } text ? Engine.Creators.Handle.Normalize(text) : null;
        if (handle is not null && !Engine.Creators.Handle.IsValid(handle))
        {
            body.Refuse("handle", "must be " + Engine.Creators.Handle.Rule);
        }

        return new PageFields(title, description, handle)
        {
            Theme = Choice(body, "theme", PageLookText.Theme, PageLookText.ThemeRule),
            Colour = Choice(body, "colour", PageLookText.Colour, PageLookText.ColourRule),
            Font = Choice(body, "font", PageLookText.Font, PageLookText.FontRule),
            Icons = ReadIcons(body),
            Published = body.OptionalBoolean("published"),
        };
    }

    private static string? Choice(JsonBody body, string field, Func<string, string?> parse, string rule)
    {
        if (body.OptionalText(field, int.MaxValue) is not { } text)
        {
            return body.HasNull(field) ? "" : null;
        }

        var value = text.Length == 0 ? "" : parse(text);
        if (value is null)
        {
            body.Refuse(field, rule);
        }

        return value;
    }

    private static List<string>? ReadIcons(JsonBody body)
    {
        if (body.OptionalTexts("icons") is not { } given)
        {
            return body.HasNull("icons") ? [] : null;
        }

        var icons = given.Select(icon => icon.Trim(' ')).ToList();
        if (PageLookText.ProblemOfIcons(icons) is { } problem)
        {
            body.Refuse("icons", problem);
        }

        return icons;
    }
}
