using Bioscope.Core;

namespace Bioscope.Server.BioPages;

/// <summary>
/// The colours of a page. Without a choice of its creator they are one of eight, determined by the page's id, which her dashboard has too.
/// </summary>
/// <param name="Number">Its index in <see cref="All"/>; -1 for others.</param>
/// <param name="Accent">Its main colour in light mode.</param>
/// <param name="Css">Its variables, for light and dark mode.</param>
/// <param name="LightGround">The background in light mode.</param>
/// <param name="DarkGround">The background in dark mode.</param>
/// <param name="Icon">A disc in the colour, as a data URL.</param>
internal sealed record PageColour(int Number, string Accent, string Css, string LightGround, string DarkGround, string Icon)
{
    // Ground, glow, card, ink, quiet ink, accent, ink on accent; light, then dark. Derived from oklch with one lightness per role, so
    // that every colour has the same contrast: text at least 4.5 to 1 on every background of it.
    private static readonly (string Light, string Dark)[] Colours =
    [
        ("#fef0ed #fec4bc #ffffff #2e1916 #70534e #972f27 #ffffff", "#1a0e0c #642721 #2c1c19 #faefed #c4aaa7 #ffaba0 #250e0c"), // coral
        ("#fcf1e9 #ffc898 #ffffff #2b1b0d #6c5644 #814800 #ffffff", "#190f07 #5b3101 #2a1e13 #f8f0ea #c0ad9e #fab373 #231103"), // amber
        ("#f0f6ea #c3e0a0 #ffffff #1a2210 #545f47 #446401 #ffffff", "#0f1309 #2f4505 #1d2315 #eff3eb #abb5a1 #aed380 #111905"), // moss
        ("#eaf7f1 #9be8c6 #ffffff #0d251b #466255 #02684a #ffffff", "#08150f #034933 #14241d #ebf4f0 #a0b7ac #75dcb2 #011c11"), // jade
        ("#e8f7f9 #88e6f0 #ffffff #062427 #3f6265 #02646d #ffffff", "#051416 #03464c #102426 #e9f4f6 #9cb7ba #56d9e7 #001a1d"), // lagoon
        ("#eef4ff #bed5fe #ffffff #161f30 #4f5b72 #2953a5 #ffffff", "#0c121b #223b6c #1a212d #edf2fa #a7b2c5 #a5c5ff #0c1628"), // cobalt
        ("#f5f1fd #dbcafe #ffffff #221b2d #5e566e #654199 #ffffff", "#130f1a #453065 #221e2b #f3f0f9 #b4adc2 #ceb5fe #191125"), // violet
        ("#fdeff4 #ffc0d7 #ffffff #2c1820 #6e525c #902e5c #ffffff", "#190d12 #60263f #2b1b21 #f9eff2 #c2aab2 #fea5c8 #240e17"), // rose
    ];

    public static IReadOnlyList<PageColour> All { get; } =
        [.. Colours.Select((colours, number) => Make(number, colours.Light, colours.Dark))];

    public static PageColour Of(Guid page) => All[page.ToByteArray(bigEndian: true)[15] % All.Count];

    /// <summary>The colours of a theme in a chosen colour.</summary>
    public static PageColour Of(PageTheme theme, Rgb colour)
    {
        var dark = Variables(PagePalette.Of(theme, colour, dark: true));
        return Make(-1, theme.IsDark ? dark : Variables(PagePalette.Of(theme, colour, dark: false)), dark, theme.IsDark);

        static string Variables(PagePalette palette) => string.Join(
            ' ', palette.Ground, palette.Glow, palette.Card, palette.Ink, palette.Quiet, palette.Accent, palette.OnAccent);
    }

    /// <summary>Every pair of a light and a dark palette, in the order of the variables <c>b g c i m a k</c>.</summary>
    internal static IEnumerable<string> Palettes => Colours.SelectMany(pair => (string[])[pair.Light, pair.Dark]);

    private static PageColour Make(int number, string light, string dark, bool isDark = false)
    {
        var (scheme, line) = isDark ? ("dark", "255,255,255,.11") : ("light dark", "0,0,0,.09");
        var css =
            $":root{{color-scheme:{scheme};--s:ui-serif,\"Iowan Old Style\",\"Palatino Linotype\",Palatino,Georgia,serif;--l:rgba({line});{Variables(light)}}}\n"
            + $"@media(prefers-color-scheme:dark){{:root{{--l:rgba(255,255,255,.11);{Variables(dark)}}}}}\n";
        var accent = light.Split(' ')[5];
        // An unescaped # would end the data URL.
        var icon =
            "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Ccircle cx='4' cy='4' r='4' fill='%23"
            + accent[1..] + "'/%3E%3C/svg%3E";
        return new PageColour(number, accent, css, light[..7], dark[..7], icon);
    }

    private static string Variables(string colours) =>
        string.Concat("bgcimak".Zip(colours.Split(' '), (name, colour) => $"--{name}:{colour};"));
}
