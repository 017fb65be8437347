using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Bioscope.Server.Web;

/// <summary>
/// A piece of HTML, made from an interpolated string: its literal text is markup, and its values are escaped unless they are HTML
/// themselves. Text from visitors thus cannot become markup by mistake.
/// </summary>
internal readonly struct Html
{
    private readonly string? _markup;

    private Html(string markup) => _markup = markup;

    public static Html Nothing => default;

    public bool IsNothing => string.IsNullOrEmpty(_markup);

    /// <summary>Markup with text put into it.</summary>
    public static Html Of(HtmlHandler markup) => new(markup.ToStringAndClear());

    /// <summary>Markup that is trusted because it comes from our own files.</summary>
    public static Html Trusted(string markup) => new(markup);

    /// <summary>Concatenates pieces, with the separator between them.</summary>
    public static Html Join(IEnumerable<Html> pieces, Html separator = default) =>
        new(string.Join(separator._markup, pieces.Select(piece => piece._markup)));

    public override string ToString() => _markup ?? "";
}

/// <summary>
/// Builds <see cref="Html"/> in a pooled buffer, since bio pages are made for every visitor. Numbers are written as CSS and SVG expect
/// them.
/// </summary>
[InterpolatedStringHandler]
internal ref struct HtmlHandler(int literalLength, int formattedCount)
{
    // Letters of every script stay readable and short.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private DefaultInterpolatedStringHandler _html = new(literalLength, formattedCount, CultureInfo.InvariantCulture);

    public void AppendLiteral(string markup) => _html.AppendLiteral(markup);

    public void AppendFormatted(Html piece) => _html.AppendLiteral(piece.ToString());

    public void AppendFormatted(IEnumerable<Html> pieces)
    {
        foreach (var piece in pieces)
        {
            AppendFormatted(piece);
        }
    }

    /// <summary>Escapes text for an element or for a quoted attribute.</summary>
    public void AppendFormatted(string? text) => _html.AppendLiteral(Encoder.Encode(text ?? ""));

    public void AppendFormatted(int number) => _html.AppendFormatted(number);

    /// <summary>At most two decimals: a hundredth of a percent of a screen is less than a pixel.</summary>
    public void AppendFormatted(double number) => _html.AppendFormatted(Math.Round((decimal)number, 2), "0.##");

    public void AppendFormatted(Guid id) => _html.AppendFormatted(id);

    public string ToStringAndClear() => _html.ToStringAndClear();
}
