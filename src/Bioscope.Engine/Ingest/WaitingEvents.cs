using System.Threading.Channels;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Events that wait to be written, in parts: those of a part stay in order, and are with one writer at a time. Parts take turns, so that a busy
/// one does not keep the others waiting.
/// </summary>
/// <param name="max">How many may wait in all parts together.</param>
internal sealed class WaitingEvents(int max)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Part> _parts = [];

    // The parts that have events and are with nobody; some may have lost theirs since.
    private readonly Channel<Part> _turns = Channel.CreateUnbounded<Part>();
    private int _count;
    private int _active; // parts that are in _turns or with a writer
    private bool _isComplete;

    /// <summary>How many wait; those that a writer took do not.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <returns>False when there is no room, or when no more are taken.</returns>
    public bool TryAdd(IngestEvent happened, long part)
    {
        lock (_gate)
        {
            if (_isComplete || _count >= max)
            {
                return false;
            }

            if (!_parts.TryGetValue(part, out var its))
            {
                _parts[part] = its = new Part();
            }

            its.Events.Enqueue(happened);
            _count++;
            if (!its.IsActive)
            {
                its.IsActive = true;
                _active++;
                _turns.Writer.TryWrite(its);
            }

            return true;
        }
    }

    /// <summary>Takes no new ones.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            CompleteTurns();
        }
    }

    /// <summary>
    /// Takes one part's events after another's, and has them handled, until no more come. Several may do so side by side.
    /// </summary>
    /// <param name="maxAtOnce">How many are handled together at most.</param>
    /// <param name="handle">What is done with them.</param>
    public async Task TakeEachAsync(int maxAtOnce, Func<List<IngestEvent>, Task> handle)
    {
        var taken = new List<IngestEvent>(maxAtOnce);
        await foreach (var part in _turns.Reader.ReadAllAsync(CancellationToken.None))
        {
            lock (_gate)
            {
                Move(part, taken, maxAtOnce);
            }

            if (taken.Count > 0)
            {
                await handle(taken);
                taken.Clear();
            }

            Return(part);
        }
    }

    /// <summary>Takes all that wait.</summary>
    public void TakeAll(List<IngestEvent> taken)
    {
        lock (_gate)
        {
            foreach (var part in _parts.Values)
            {
                Move(part, taken, int.MaxValue);
            }
        }
    }

    private void Move(Part part, List<IngestEvent> to, int max)
    {
        for (var moved = 0; moved < max && part.Events.TryDequeue(out var happened); moved++)
        {
            to.Add(happened);
            _count--;
        }
    }

    private void Return(Part part)
    {
        lock (_gate)
        {
            if (part.Events.Count > 0)
            {
                _turns.Writer.TryWrite(part);
                return;
            }

            part.IsActive = false;
            _active--;
            CompleteTurns();
        }
    }

    private void CompleteTurns()
    {
        if (_isComplete && _active == 0)
        {
            _turns.Writer.TryComplete();
        }
    }

    private sealed class Part
    {
        public Queue<IngestEvent> Events { get; } = [];

        public bool IsActive { get; set; }
    }
}
