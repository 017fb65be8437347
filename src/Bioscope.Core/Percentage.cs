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

    /// <summary>With two decimals, exactly half up: 1 of 3 is 33.33, 23 of 160 is 14.38; 0 when <paramref name="total"/> is 0.</summary>
    /// <param name="part">From 0 to 10¹⁴.</param>
    /// <param name="total">From 0 to 10¹⁴.</param>
    public static double WithTwoDecimals(long part, long total) => total == 0 ? 0 : ((part * 20_000) + total) / (2 * total) / 100.0;

    /// <summary>
    /// The <c>ctr</c> of the published reports, clicks ÷ views × 100 with two decimals in IEEE doubles: like <see cref="WithTwoDecimals"/>, but 23
    /// of 160 is 14.37, as 14.375 is a little less there.
    /// </summary>
    public static double ClickThroughRate(long clicks, long views) =>
        views == 0 ? 0 : Math.Floor(((double)clicks / views * 100 * 100) + 0.5) / 100;
}
