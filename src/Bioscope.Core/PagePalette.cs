namespace Bioscope.Core;

/// <summary>
/// The colours of a page in light or dark mode, made from one colour that the creator chose. Whatever it is, text has a contrast of at
/// least 4.5 to 1 (WCAG AA) on everything that is below it: colours are moved towards black or white until they have it.
/// </summary>
/// <param name="Ground">The background.</param>
/// <param name="Glow">The second colour of the background.</param>
/// <param name="Card">Behind a link.</param>
/// <param name="Ink">Text.</param>
/// <param name="Quiet">Less important text.</param>
/// <param name="Accent">The creator's colour, as text on a card, and behind the link that stands out.</param>
/// <param name="OnAccent">Text on that.</param>
public sealed record PagePalette(Rgb Ground, Rgb Glow, Rgb Card, Rgb Ink, Rgb Quiet, Rgb Accent, Rgb OnAccent)
{
    private const double Readable = 4.5;

    // What is below text leaves room for text that is neither black nor white.
    private const double BelowText = 9;

    // A hundredth of the way is a difference that nobody sees.
    private const int Steps = 100;

    /// <summary>The colours of a theme in a colour.</summary>
    public static PagePalette Of(PageTheme theme, Rgb colour, bool dark)
    {
        // Below text is nearly white or nearly black, and the other end is what contrasts with all of it.
        var (paper, ink) = dark ? (Rgb.Black, Rgb.White) : (Rgb.White, Rgb.Black);
        var tints = dark ? theme.Dark : theme.Light;
        Rgb[] below = [Below(tints.Ground), Below(tints.Glow), Below(tints.Card)];
        var accent = Moved(colour, ink, candidate => below.Min(under => Rgb.Contrast(candidate, under)) >= Readable);
        return new PagePalette(
            below[0], below[1], below[2], Text(0.8, 7), Text(0.45, Readable), accent,
            // Their own contrast is 21, so where white has less than 4.5, black has more than 4.6.
            Rgb.Contrast(Rgb.White, accent) >= Readable ? Rgb.White : Rgb.Black);

        Rgb Below(double part) =>
            Moved(Rgb.Between(colour, paper, part), paper, candidate => Rgb.Contrast(candidate, ink) >= BelowText);

        Rgb Text(double part, double contrast) => Moved(
            Rgb.Between(colour, ink, part), ink, candidate => below.Min(under => Rgb.Contrast(candidate, under)) >= contrast);
    }

    /// <summary>The first colour on the way to the end that is good enough; the end is.</summary>
    private static Rgb Moved(Rgb from, Rgb to, Func<Rgb, bool> isEnough)
    {
        for (var step = 0; step < Steps; step++)
        {
            var candidate = Rgb.Between(from, to, (double)step / Steps);
            if (isEnough(candidate))
            {
                return candidate;
            }
        }

        return to;
    }
}
