using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

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
    public static Html Of(HtmlHandler markup) => new(markup.ToString());

    /// <summary>Markup that is trusted because it comes from our own files.</summary>
    public static Html Trusted(string markup) => new(markup);

    /// <summary>Concatenates pieces.</summary>
    public static Html Join(IEnumerable<Html> pieces) => new(string.Concat(pieces.Select(piece => piece._markup)));

    public override string ToString() => _markup ?? "";
}

/// <summary>Builds <see cref="Html"/>. Numbers are written as CSS and SVG expect them.</summary>
[InterpolatedStringHandler]
internal readonly ref struct HtmlHandler(int literalLength, int formattedCount)
{
    private readonly StringBuilder _html = new(literalLength + (formattedCount * 16));

    public void AppendLiteral(string markup) => _html.Append(markup);

    public void AppendFormatted(Html piece) => _html.Append(piece.ToString());

    public void AppendFormatted(IEnumerable<Html> pieces)
    {
        foreach (var piece in pieces)
        {
            _html.Append(piece.ToString());
        }
    }

    public void AppendFormatted(string? text) => _html.Append(HtmlAnswer.Escape(text ?? ""));

    public void AppendFormatted(int number) => _html.Append(number);

    /// <summary>At most two decimals: a hundredth of a percent of a screen is less than a pixel.</summary>
    public void AppendFormatted(double number) =>
        _html.Append(Math.Round((decimal)number, 2).ToString("0.##", CultureInfo.InvariantCulture));

    public void AppendFormatted(Guid id) => _html.Append(id.ToString("D"));

    public override string ToString() => _html.ToString();
}
