using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Bioscope.Server.Operations;

/// <summary>
/// Listens to the server's meters and the runtime's, and writes them in Prometheus' text format 0.0.4. Names follow OpenTelemetry's rule:
/// <c>http.server.request.duration</c> in <c>s</c> is <c>http_server_request_duration_seconds</c>, and a counter ends in <c>_total</c>.
/// Observable instruments are read at each scrape; the values of other instruments are accumulated here.
/// </summary>
internal sealed class PrometheusExporter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly Lock _reading = new();

    public PrometheusExporter(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ExportedMetrics.Has(instrument, meters))
            {
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(Family.NameOf(instrument), _ => new Family(instrument)));
            }
        };
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((Family)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((Family)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((Family)family!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>All current values, by name.</summary>
    public string Write()
    {
        lock (_reading)
        {
            foreach (var family in _families.Values)
            {
                family.Asked.Clear();
            }

            _listener.RecordObservableInstruments();
            var text = new StringBuilder(32 * 1024);
            foreach (var (name, family) in _families.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                family.Write(text, name);
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>One instrument: the lines that share a name.</summary>
    private sealed class Family(Instrument instrument)
    {
        private readonly string[] _labels = ExportedMetrics.LabelsOf(instrument);
        private readonly double[] _bounds = ExportedMetrics.BoundsOf(instrument);

        private readonly ConcurrentDictionary<Values, Distribution> _distributions = new();
        private readonly ConcurrentDictionary<string, double> _sums = new(StringComparer.Ordinal);

        /// <summary>The values of observable instruments, with their labels as written.</summary>
        public List<(string Labels, double Value)> Asked { get; } = [];

        public static string NameOf(Instrument instrument) => instrument.Name.Replace('.', '_')
            + instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" }
            + (KindOf(instrument) == "counter" ? "_total" : "");

        public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (instrument.IsObservable)
            {
                Asked.Add((Join(tags.ToArray().Select(tag => Label(tag.Key, tag.Value))), value));
                return;
            }

            if (KindOf(instrument) != "histogram")
            {
                _sums.AddOrUpdate(Join(tags.ToArray().Select(tag => Label(tag.Key, tag.Value))), value, (_, sum) => sum + value);
                return;
            }

            var key = new Values(Find(tags, 0), Find(tags, 1), Find(tags, 2));
            if (!_distributions.TryGetValue(key, out var distribution))
            {
                distribution = _distributions.GetOrAdd(key, new Distribution(_bounds));
            }

            distribution.Add(value);
        }

        public void Write(StringBuilder text, string name)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"# HELP {name} {instrument.Description?.ReplaceLineEndings(" ")}\n# TYPE {name} {KindOf(instrument)}\n");
            foreach (var (labels, value) in Asked.Concat(_sums.Select(sum => (sum.Key, sum.Value))))
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}{Braces(labels)} {value}\n");
            }

            foreach (var (values, distribution) in _distributions)
            {
                object?[] given = [values.First, values.Second, values.Third];
                distribution.Write(text, name, Join(_labels.Zip(given, Label)));
            }
        }

        private static string KindOf(Instrument instrument) => instrument switch
        {
            Histogram<double> or Histogram<int> => "histogram",
            Counter<long> or Counter<int> or Counter<double> or ObservableCounter<long> or ObservableCounter<double> or ObservableCounter<int> =>
                "counter",
            _ => "gauge",
        };

        private object? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags, int label)
        {
            if (label < _labels.Length)
            {
                foreach (var tag in tags)
                {
                    if (tag.Key == _labels[label])
                    {
                        return tag.Value;
                    }
                }
            }

            return null;
        }

        private static string Join(IEnumerable<string> labels) => string.Join(',', labels);

        private static string Label(string name, object? value)
        {
            var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace(
                "\n", "\\n", StringComparison.Ordinal);
            return $"{name.Replace('.', '_')}=\"{escaped}\"";
        }
    }

    private static string Braces(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";

    /// <summary>The values of a histogram's labels, in their order.</summary>
    private readonly record struct Values(object? First, object? Second, object? Third);

    /// <summary>How many values fell between two bounds.</summary>
    private sealed class Distribution(double[] bounds)
    {
        private readonly long[] _counts = new long[bounds.Length + 1];
        private double _sum;

        public void Add(double value)
        {
            var i = 0;
            while (i < bounds.Length && value > bounds[i])
            {
                i++;
            }

            Interlocked.Increment(ref _counts[i]);
            var sum = Volatile.Read(ref _sum);
            while (Interlocked.CompareExchange(ref _sum, sum + value, sum) is var seen && seen != sum)
            {
                sum = seen;
            }
        }

        public void Write(StringBuilder text, string name, string labels)
        {
            var (count, comma) = (0L, labels.Length == 0 ? "" : ",");
            for (var i = 0; i <= bounds.Length; i++)
            {
                count += Interlocked.Read(ref _counts[i]);
                var bound = i < bounds.Length ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {count}\n");
            }

            text.Append(
                CultureInfo.InvariantCulture,
                $"{name}_sum{Braces(labels)} {Volatile.Read(ref _sum)}\n{name}_count{Braces(labels)} {count}\n");
        }
    }
}
