namespace Bioscope.Engine;

/// <summary>Tells failures of background work from its end.</summary>
internal static class BackgroundFailure
{
    /// <summary>
    /// Whether something failed, also while the server stops: work that ended with an error would make a failed stop of it. That the work was
    /// cancelled is no failure.
    /// </summary>
    public static bool IsFailure(this Exception exception, CancellationToken stopping) =>
        exception is not OperationCanceledException || !stopping.IsCancellationRequested;
}
