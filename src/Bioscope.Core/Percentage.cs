namespace Bioscope.Core;

/// <summary>
/// A part of a whole in percent, rounded half up as the published API does with JavaScript's <c>Math.round</c>:
/// 1 of 8 is 13. .NET's own <c>Math.Round</c> would round half to even and give 12.
/// </summary>
public static class Percentage
{
    /// <summary><c>floor(part / total × 100 + 0.5)</c> in IEEE doubles; 0 when <paramref name="total"/> is 0.</summary>
    public static int Of(long part, long total) =>
        total == 0 ? 0 : (int)Math.Floor((double)part / total * 100 + 0.5);

    /// <summary>Like <see cref="Of"/>, with two decimals: 1 of 3 is 33.33.</summary>
    public static double WithTwoDecimals(long part, long total) =>
        total == 0 ? 0 : Math.Floor(((double)part / total * 100 * 100) + 0.5) / 100;
}
