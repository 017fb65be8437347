namespace Bioscope.Server.Web;

/// <summary>
/// How several instances share a caller's limit. Half of it is divided among them: each grants its share without telling anybody. Beyond that an
/// instance leases of a common count, a share at a time, and tells what it has granted before. So a caller gets its limit, and at most
/// <see cref="MaxOver"/> in addition from instances that never had to lease; one that leaves an instance leaves at most a share behind
/// (decision 0037).
/// </summary>
internal static class BudgetShares
{
    /// <summary>What an instance grants by itself, and leases at once; all of the limit when it is alone.</summary>
    public static long Share(long limit, int instances) => instances <= 1 ? limit : limit / (2L * instances);

    /// <summary>What it gets.</summary>
    /// <param name="limit">The whole limit.</param>
    /// <param name="taken">The common count after it has asked.</param>
    /// <param name="asked">What it asked for.</param>
    public static long Granted(long limit, long taken, long asked) => Math.Clamp(limit - (taken - asked), 0, asked);

    /// <summary>The most that a caller may get beyond its limit in one window: less than half of it.</summary>
    public static long MaxOver(long limit, int instances) => (instances - 1) * Share(limit, instances);
}
