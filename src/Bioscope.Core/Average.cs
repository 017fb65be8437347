namespace Bioscope.Core;

/// <summary>A sum divided by a count, rounded half up like <see cref="Percentage"/>.</summary>
public static class Average
{
    /// <summary>
    /// <c>floor(sum / count × 10^decimals + 0.5) / 10^decimals</c> in IEEE doubles; 0 when <paramref name="count"/> is 0.
    /// </summary>
    public static double Of(long sum, long count, int decimals)
    {
        if (count == 0)
        {
            return 0;
        }

        var scale = Math.Pow(10, decimals);
        return Math.Floor(((double)sum / count * scale) + 0.5) / scale;
    }
}
