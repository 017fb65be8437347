using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Engine.Counting;

/// <summary>Keeps the <see cref="Checkpoint"/> of questions that are asked again and again.</summary>
internal sealed class Checkpoints : IDisposable
{
    private const long MaxBytes = 24 << 20;

    private const int BytesOfQuestion = 500;

    // By question; null where it was asked once, and what it came to was not kept.
    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MaxBytes });

    /// <summary>The checkpoint of a question.</summary>
    /// <param name="question">See <see cref="Checkpoint.QuestionOf"/>.</param>
    /// <param name="isAskedAgain">Whether it was asked before: then it is worth keeping.</param>
    public Checkpoint? Find(CountQuery question, out bool isAskedAgain)
    {
        isAskedAgain = _kept.TryGetValue(question, out Checkpoint? known);
        if (!isAskedAgain)
        {
            Set(question, null, BytesOfQuestion);
        }

        return known;
    }

    /// <summary>Keeps what a question came to.</summary>
    public void Keep(CountQuery question, Checkpoint checkpoint) => Set(question, checkpoint, BytesOfQuestion + checkpoint.Bytes);

    /// <inheritdoc />
    public void Dispose() => _kept.Dispose();

    private void Set(CountQuery question, Checkpoint? checkpoint, long bytes) =>
        _kept.Set(question, checkpoint, new MemoryCacheEntryOptions { Size = bytes, SlidingExpiration = TimeSpan.FromHours(1) });
}
