using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Engine.Counting;

/// <summary>Keeps the <see cref="Checkpoint"/> of questions that are asked again and again.</summary>
/// <param name="maxBytes">How much memory all of them may take.</param>
internal sealed class Checkpoints(long maxBytes) : IDisposable
{
    // One that takes a larger part would drive out most others.
    private const int MinParts = 3;

    private const int BytesOfQuestion = 500;

    private readonly MemoryCache _kept = new(new MemoryCacheOptions
    {
        SizeLimit = maxBytes,
        // Makes room for the largest one at once: what does not fit is dropped instead of what is there.
        CompactionPercentage = 1.0 / MinParts,
    });

    /// <summary>The checkpoint of a question.</summary>
    /// <param name="question">See <see cref="Checkpoint.QuestionOf"/>.</param>
    /// <param name="isWorthKeeping">Whether it was asked before: once is not enough for a copy.</param>
    public Checkpoint? Find(CountQuery question, out bool isWorthKeeping)
    {
        if (_kept.TryGetValue(question, out Asked? asked))
        {
            isWorthKeeping = !asked!.IsTooLarge;
            return asked.Checkpoint;
        }

        isWorthKeeping = false;
        Set(question, new Asked(null));
        return null;
    }

    /// <summary>Keeps what a question came to, unless it is too large.</summary>
    public void Keep(CountQuery question, Checkpoint checkpoint) =>
        Set(question, checkpoint.Bytes > maxBytes / MinParts ? new Asked(null, IsTooLarge: true) : new Asked(checkpoint));

    /// <inheritdoc />
    public void Dispose() => _kept.Dispose();

    private void Set(CountQuery question, Asked asked) => _kept.Set(
        question,
        asked,
        new MemoryCacheEntryOptions { Size = BytesOfQuestion + (asked.Checkpoint?.Bytes ?? 0), SlidingExpiration = TimeSpan.FromHours(1) });

    private sealed record Asked(Checkpoint? Checkpoint, bool IsTooLarge = false);
}
