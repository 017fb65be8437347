namespace Bioscope.Core;

/// <summary>How much a page is tinted with its colour.</summary>
/// <param name="Name">Its name in the API.</param>
/// <param name="Light">In light mode, the parts of white in the colour behind the text.</param>
/// <param name="Dark">In dark mode, the parts of black.</param>
/// <param name="IsDark">Whether it is dark in light mode too.</param>
public sealed record PageTheme(string Name, PageTints Light, PageTints Dark, bool IsDark = false)
{
    /// <summary>In display order; the first one is that of a page for which none was chosen.</summary>
    public static IReadOnlyList<PageTheme> All { get; } =
    [
        new("soft", new(0.93, 0.7, 1), new(0.9, 0.62, 0.8)),
        new("paper", new(0.985, 0.985, 1), new(0.95, 0.95, 0.9)),
        new("vivid", new(0.5, 0.3, 0.94), new(0.7, 0.55, 0.86)),
        new("outline", new(1, 1, 1), new(0.94, 0.94, 0.94)),
        new("dusk", new(0.88, 0.5, 1), new(0.88, 0.5, 0.8)),
        new("night", new(0.93, 0.7, 1), new(0.95, 0.72, 0.86), IsDark: true),
    ];

    /// <summary>The theme with that name; null when there is none.</summary>
    public static PageTheme? Named(string name) => All.FirstOrDefault(theme => theme.Name == name);
}

/// <summary>Parts of white or black in the colours behind text, from 0 to 1.</summary>
public sealed record PageTints(double Ground, double Glow, double Card);

/// <summary>The fonts of a page's name and of its other text: those of the visitor's system, so that nothing is downloaded.</summary>
public sealed record PageFont(string Name, string Heading, string Body)
{
    private const string System = "system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif";
    private const string Serif = "ui-serif,\"Iowan Old Style\",\"Palatino Linotype\",Palatino,Georgia,serif";
    private const string Rounded =
        "ui-rounded,\"SF Pro Rounded\",\"Hiragino Maru Gothic ProN\",Quicksand,Nunito,\"Arial Rounded MT Bold\",Calibri,sans-serif";

    private const string Mono = "ui-monospace,\"SF Mono\",\"Cascadia Code\",Menlo,Consolas,monospace";

    /// <summary>In display order; the first one is that of a page for which none was chosen.</summary>
    public static IReadOnlyList<PageFont> All { get; } =
    [
        new("classic", Serif, System), new("modern", System, System), new("book", Serif, Serif), new("round", Rounded, Rounded),
        new("typewriter", Mono, System),
    ];

    /// <summary>The fonts with that name; null when there are none.</summary>
    public static PageFont? Named(string name) => All.FirstOrDefault(font => font.Name == name);
}
