using System.Runtime.CompilerServices;

namespace Bioscope.Server.Tests.Support;

/// <summary>
/// Waits for asynchronous events. How long they take depends on the machine and is not tested: the limit only makes something that never
/// happens fail, with its own message, instead of hanging.
/// </summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static Task UntilAsync(Func<bool> isSo, [CallerArgumentExpression(nameof(isSo))] string what = "") =>
        UntilAsync(() => Task.FromResult(isSo()), what);

    public static async Task UntilAsync(Func<Task<bool>> isSo, [CallerArgumentExpression(nameof(isSo))] string what = "")
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (!await isSo())
        {
            Assert.True(waited.Elapsed < Limit, $"In {Limit.TotalMinutes} minutes it never came true: {what}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
