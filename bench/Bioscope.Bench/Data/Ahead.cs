using System.Collections.Concurrent;

namespace Bioscope.Bench.Data;

/// <summary>Makes items on another thread while the last ones are used.</summary>
internal static class Ahead
{
    private const int Most = 2;

    public static IEnumerable<T> Of<T>(IEnumerable<T> items, CancellationToken cancellationToken)
    {
        using var ready = new BlockingCollection<T>(Most);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var maker = Task.Run(
            () =>
            {
                try
                {
                    foreach (var item in items)
                    {
                        ready.Add(item, stop.Token);
                    }
                }
                finally
                {
                    ready.CompleteAdding();
                }
            },
            cancellationToken);
        try
        {
            foreach (var item in ready.GetConsumingEnumerable(cancellationToken))
            {
                yield return item;
            }

            maker.GetAwaiter().GetResult();
        }
        finally
        {
            stop.Cancel();
            ((IAsyncResult)maker).AsyncWaitHandle.WaitOne();
        }
    }
}
