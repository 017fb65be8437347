namespace Bioscope.Scale;

/// <summary>
/// Plays a part of an hour event by event. Requests arrive at random (Poisson) at any instance. Each instance has one writer for each node: when
/// it is idle it takes all that waits as one batch, and has it committed; then all its events are answered. A node has lanes that take batches and
/// reports in the order of their arrival.
/// </summary>
internal sealed class HourSimulation
{
    private readonly Plan _plan;
    private readonly Hour _hour;
    private readonly Pages _pages;
    private readonly Placement _placement;
    private readonly Random _random;
    private readonly PriorityQueue<Happening, (double At, long Number)> _next = new();
    private readonly Writer[] _writers;
    private readonly Node[] _nodes;
    private readonly HourResult _result;
    private double _now;
    private long _number;

    private HourSimulation(Plan plan, Hour hour, Pages pages, Placement placement)
    {
        (_plan, _hour, _pages, _placement) = (plan, hour, pages, placement);
        _random = new Random(plan.Seed);
        _writers = [.. Enumerable.Range(0, plan.Instances * plan.Nodes).Select(i => new Writer(i % plan.Nodes))];
        _nodes = [.. Enumerable.Range(0, plan.Nodes).Select(_ => new Node())];
        _result = new HourResult { Utilization = new double[plan.Nodes] };
    }

    private enum Kind
    {
        Event,
        Report,
        Done,
    }

    public static HourResult Run(Plan plan, Hour hour, Pages pages, Placement placement) =>
        new HourSimulation(plan, hour, pages, placement).Run();

    private HourResult Run()
    {
        Schedule(new Happening(Kind.Event), Interval(EventsPerSecond));
        Schedule(new Happening(Kind.Report), Interval(ReportsPerSecond));
        // What came in time is played to its end, so that the slowest are not left out.
        while (_next.TryDequeue(out var happening, out var when))
        {
            _now = when.At;
            switch (happening.Kind)
            {
                case Kind.Event:
                    Again(happening, EventsPerSecond);
                    ArriveEvent();
                    break;
                case Kind.Report:
                    Again(happening, ReportsPerSecond);
                    ArriveReport();
                    break;
                default:
                    Finish(happening.Work!);
                    break;
            }
        }

        for (var node = 0; node < _nodes.Length; node++)
        {
            _result.Utilization[node] = _nodes[node].Busy / (_plan.Seconds * _plan.Lanes);
        }

        _result.Writers = _writers.Average(writer => writer.Busy) / _plan.Seconds;
        return _result;
    }

    private double VisitsPerSecond => _hour.VisitsPerSecond + _hour.ViralPerSecond;

    private double EventsPerSecond => VisitsPerSecond * _plan.EventsPerVisit;

    // A page whose visits are many has no more people who look at its figures.
    private double ReportsPerSecond => _hour.VisitsPerSecond * _plan.ReportsPerVisit;

    private void Again(Happening happening, double perSecond)
    {
        if (_now + Interval(perSecond) is var at && at < _plan.Seconds)
        {
            _next.Enqueue(happening, (at, _number++));
        }
    }

    private void Schedule(Happening happening, double after)
    {
        if (happening.Kind == Kind.Done || after < _plan.Seconds)
        {
            _next.Enqueue(happening, (_now + after, _number++));
        }
    }

    private double Interval(double perSecond) => perSecond > 0 ? -Math.Log(1 - _random.NextDouble()) / perSecond : double.PositiveInfinity;

    private void ArriveEvent()
    {
        var isViral = _hour.ViralPerSecond > 0 && _random.NextDouble() * VisitsPerSecond < _hour.ViralPerSecond;
        var node = _placement.NodeOf(isViral ? 0 : _pages.At(_random.NextDouble()));
        var writer = _writers[(_random.Next(_plan.Instances) * _plan.Nodes) + node];
        if (node == _hour.DeadNode)
        {
            _result.RefusedEvents++;
            return;
        }

        if (writer.Waiting.Count >= _plan.MaxWaiting)
        {
            _result.Overload++;
            if (_hour.EndsAtOverload)
            {
                _next.Clear();
            }

            return;
        }

        writer.Waiting.Enqueue(_now);
        Take(writer);
    }

    private void ArriveReport()
    {
        var node = _placement.NodeOf(_pages.At(_random.NextDouble()));
        if (node == _hour.DeadNode)
        {
            _result.RefusedReports++;
            return;
        }

        Send(new Work(node, _plan.ReportSeconds, null, _now));
    }

    private void Take(Writer writer)
    {
        if (writer.Taken.Count > 0 || writer.Waiting.Count == 0)
        {
            return;
        }

        while (writer.Taken.Count < _plan.MaxInBatch && writer.Waiting.TryDequeue(out var at))
        {
            writer.Taken.Add(at);
        }

        writer.Began = _now;
        _result.Batches++;
        Send(new Work(writer.Node, _plan.BatchSeconds + (_plan.EventSeconds * writer.Taken.Count), writer, _now));
    }

    private void Send(Work work)
    {
        var node = _nodes[work.Node];
        if (node.Running < _plan.Lanes)
        {
            Start(node, work);
        }
        else
        {
            node.Waiting.Enqueue(work);
        }
    }

    private void Start(Node node, Work work)
    {
        node.Running++;
        // Only what is within the time counts.
        node.Busy += Math.Clamp(_plan.Seconds - _now, 0, work.Seconds);
        Schedule(new Happening(Kind.Done, work), work.Seconds);
    }

    private void Finish(Work work)
    {
        var node = _nodes[work.Node];
        node.Running--;
        if (node.Waiting.TryDequeue(out var next))
        {
            Start(node, next);
        }

        if (work.Writer is not { } writer)
        {
            _result.Reports.Add(_now - work.Arrived);
            return;
        }

        writer.Taken.ForEach(at => _result.Events.Add(_now - at));
        writer.Taken.Clear();
        writer.Busy += Math.Max(0, Math.Min(_now, _plan.Seconds) - writer.Began);
        Take(writer);
    }

    private readonly record struct Happening(Kind Kind, Work? Work = null);

    /// <summary>A report, or a batch.</summary>
    private sealed record Work(int Node, double Seconds, Writer? Writer, double Arrived);

    private sealed class Writer(int node)
    {
        public int Node => node;

        public Queue<double> Waiting { get; } = new();

        public List<double> Taken { get; } = [];

        public double Began { get; set; }

        public double Busy { get; set; }
    }

    private sealed class Node
    {
        public Queue<Work> Waiting { get; } = new();

        public int Running { get; set; }

        public double Busy { get; set; }
    }
}
