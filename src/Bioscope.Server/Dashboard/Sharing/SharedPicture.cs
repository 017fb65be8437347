using Bioscope.Server.BioPages;
using Bioscope.Server.Translations;
using SkiaSharp;

namespace Bioscope.Server.Dashboard.Sharing;

/// <summary>
/// The picture of a shared view for messages and posts: title, period and headline figures in the colours of the page. The font is ours,
/// because a server may have none.
/// </summary>
internal static class SharedPicture
{
    /// <summary>What messengers and networks crop least.</summary>
    public const int Width = 1200, Height = 630;

    private const float Margin = 80, TitleSize = 72, SmallSize = 34, FigureSize = 64;

    private const int MaxTitleLines = 3;

    private static readonly SKTypeface Typeface = ReadTypeface();

    // A picture takes 3 MB while it is drawn.
    private static readonly SemaphoreSlim OneAtATime = new(1);

    /// <summary>The reader's language, or English where the font lacks its letters.</summary>
    public static Words WordsFor(HttpContext http)
    {
        using var font = new SKFont(Typeface);
        var words = Words.Of(http);
        return font.ContainsGlyphs(new SharedViewWords(words).Door) ? words : Words.All[0];
    }

    /// <summary>Draws a PNG file.</summary>
    /// <param name="colour">The colours of the page.</param>
    /// <param name="title">The title; left out where the font lacks one of its letters.</param>
    /// <param name="words">A line under it.</param>
    /// <param name="figures">At most four.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    public static async Task<byte[]> DrawAsync(
        PageColour colour, string title, string words, IReadOnlyList<(string Name, string Value)> figures,
        CancellationToken cancellationToken)
    {
        await OneAtATime.WaitAsync(cancellationToken);
        try
        {
            return Draw(colour, title, words, figures);
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private static byte[] Draw(PageColour colour, string title, string words, IReadOnlyList<(string Name, string Value)> figures)
    {
        using var surface = SKSurface.Create(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var canvas = surface.Canvas;
        canvas.Clear(SKColor.Parse(colour.LightGround));
        using var accent = Paint(colour.Accent);
        using var ink = Paint("#1b1f27");
        using var quiet = Paint("#4d5563");
        canvas.DrawRect(0, 0, Width, 14, accent);
        using var large = new SKFont(Typeface, TitleSize);
        using var small = new SKFont(Typeface, SmallSize);
        using var bold = new SKFont(Typeface, FigureSize);
        var y = Margin + TitleSize;
        foreach (var line in Lines(title, large))
        {
            canvas.DrawText(line, Margin, y, SKTextAlign.Left, large, ink);
            y += TitleSize * 1.16f;
        }

        canvas.DrawText(Shown(words, small), Margin, y, SKTextAlign.Left, small, quiet);
        for (var i = 0; i < figures.Count; i++)
        {
            var x = Margin + (i * (Width - (2 * Margin)) / figures.Count);
            canvas.DrawText(Shown(figures[i].Value, bold), x, Height - Margin - 48, SKTextAlign.Left, bold, accent);
            canvas.DrawText(Shown(figures[i].Name, small), x, Height - Margin, SKTextAlign.Left, small, quiet);
        }

        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static SKPaint Paint(string colour) => new() { Color = SKColor.Parse(colour), IsAntialias = true };

    // A title in another script stays out of the picture, rather than being a row of boxes.
    private static List<string> Lines(string title, SKFont font)
    {
        var lines = new List<string>();
        if (!font.ContainsGlyphs(title))
        {
            return lines;
        }

        var rest = title;
        while (rest.Length > 0 && lines.Count < MaxTitleLines)
        {
            var fits = font.BreakText(rest, Width - (2 * Margin));
            var end = fits >= rest.Length ? rest.Length
                : rest.LastIndexOf(' ', Math.Max(fits - 1, 0)) is > 0 and var space ? space
                : Math.Max(fits, 1);
            var isCut = lines.Count == MaxTitleLines - 1 && end < rest.Length;
            lines.Add(isCut ? rest[..end].TrimEnd() + "…" : rest[..end]);
            rest = rest[end..].TrimStart();
        }

        return lines;
    }

    // Languages separate digits by spaces that the font may lack.
    private static string Shown(string text, SKFont font) =>
        string.Concat(text.Select(c => char.IsWhiteSpace(c) ? " " : font.ContainsGlyph(c) ? c.ToString() : ""));

    private static SKTypeface ReadTypeface()
    {
        using var file = typeof(SharedPicture).Assembly.GetManifestResourceStream("inter.ttf")!;
        using var data = SKData.Create(file);
        return SKTypeface.FromData(data);
    }
}
