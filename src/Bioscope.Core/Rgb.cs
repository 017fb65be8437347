using System.Globalization;

namespace Bioscope.Core;

/// <summary>A colour in sRGB.</summary>
public readonly record struct Rgb(byte R, byte G, byte B)
{
    internal static readonly Rgb White = new(255, 255, 255), Black = new(0, 0, 0);

    /// <summary>Reads <c>#rrggbb</c>, in any case.</summary>
    /// <returns>Null for any other text.</returns>
    public static Rgb? Parse(string text) =>
        text is ['#', _, _, _, _, _, _]
        && uint.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? new Rgb((byte)(value >> 16), (byte)((value >> 8) & 255), (byte)(value & 255))
            : null;

    /// <summary>A colour between two, a part of the way from the first to the second.</summary>
    public static Rgb Between(Rgb from, Rgb to, double part)
    {
        return new Rgb(Channel(from.R, to.R), Channel(from.G, to.G), Channel(from.B, to.B));

        byte Channel(byte start, byte end) => (byte)(start + ((end - start) * part) + 0.5);
    }

    /// <summary>The contrast of two colours by WCAG 2, from 1 to 21.</summary>
    public static double Contrast(Rgb one, Rgb other)
    {
        var (a, b) = (one.Luminance, other.Luminance);
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    /// <summary>The relative luminance by WCAG 2, from 0 to 1.</summary>
    public double Luminance => (0.2126 * Linear(R)) + (0.7152 * Linear(G)) + (0.0722 * Linear(B));

    /// <summary><c>#rrggbb</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"#{R:x2}{G:x2}{B:x2}");

    private static double Linear(byte channel)
    {
        var part = channel / 255.0;
        return part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4);
    }
}
