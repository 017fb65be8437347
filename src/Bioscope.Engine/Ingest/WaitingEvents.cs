using System.Threading.Channels;

namespace Bioscope.Engine.Ingest;

/// <summary>
/// Events that wait to be written, in parts: those of a part stay in order, and are with one writer at a time. A writer takes all parts that are
/// with nobody.
/// </summary>
/// <param name="max">How many may wait in all parts together.</param>
internal sealed class WaitingEvents(int max)
{
    // Real time even under a test's clock, which may stand still.
    private static readonly TimeProvider Clock = TimeProvider.System;

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
    /// Takes what waits, and has it handled, until no more comes. Several may do so side by side.
    /// </summary>
    /// <param name="maxAtOnce">How many are handled together at most.</param>
    /// <param name="gather">How long more of them are waited for, once there is one.</param>
    /// <param name="handle">What is done with them.</param>
    public async Task TakeEachAsync(int maxAtOnce, TimeSpan gather, Func<List<IngestEvent>, Task> handle)
    {
        var (taken, parts) = (new List<IngestEvent>(maxAtOnce), new List<Part>());
        while (await _turns.Reader.WaitToReadAsync(CancellationToken.None))
        {
            if (gather > TimeSpan.Zero)
            {
                await Task.Delay(gather, Clock);
            }

            lock (_gate)
            {
                while (taken.Count < maxAtOnce && _turns.Reader.TryRead(out var part))
                {
                    Move(part, taken, maxAtOnce);
                    parts.Add(part);
                }
            }

            if (taken.Count > 0)
            {
                await handle(taken);
                taken.Clear();
            }

            parts.ForEach(Return);
            parts.Clear();
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
        while (to.Count < max && part.Events.TryDequeue(out var happened))
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
