using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Bioscope.Bench.Faults;

/// <summary>What was wrong: each thing once, with how often it was seen and the first requests that showed it.</summary>
internal sealed partial class HostileFindings
{
    private const int MaxExamples = 5;
    private const int MaxTraceChars = 400;

    private readonly ConcurrentDictionary<string, Finding> _findings = new(StringComparer.Ordinal);
    private long _lines;

    public bool IsEmpty => _findings.IsEmpty;

    public int Count => _findings.Values.Sum(finding => finding.Count);

    public long LogLines => Interlocked.Read(ref _lines);

    /// <summary>Something was wrong with the answer to a request.</summary>
    public void Add(int number, string kind, string what) => Add($"{kind}: {what}", number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Looks at a line of the server's log: one with a stack trace is a finding.</summary>
    public void ReadLog(string line)
    {
        Interlocked.Increment(ref _lines);
        if (!StackTrace().IsMatch(line))
        {
            return;
        }

        // The same fault has the same exception and the same first frames, whatever the time and the request.
        var number = CorrelationId().Match(line) is { Success: true } match
            ? Convert.ToInt64(match.Groups[1].Value, 16).ToString(CultureInfo.InvariantCulture)
            : "?";
        var text = line[(Exception().Match(line) is { Success: true } exception ? exception.Index : line.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        Add("stack trace in the log: " + (text.Length > MaxTraceChars ? text[..MaxTraceChars] + " …" : text), number);
    }

    /// <summary>One line for each thing.</summary>
    public IEnumerable<string> Lines() => _findings.OrderByDescending(finding => finding.Value.Count).Select(finding => string.Create(
        CultureInfo.InvariantCulture, $"{finding.Value.Count:N0} × {finding.Key} (requests {string.Join(", ", finding.Value.Examples)})"));

    private void Add(string what, string example)
    {
        var finding = _findings.GetOrAdd(what, static _ => new Finding());
        lock (finding)
        {
            finding.Count++;
            if (finding.Examples.Count < MaxExamples)
            {
                finding.Examples.Add(example);
            }
        }
    }

    [GeneratedRegex(@"(^|[\s↵]) *at [\w.<>`\[\]]+\.[\w.<>`|\[\]]+\(|Unhandled exception|--->")]
    private static partial Regex StackTrace();

    [GeneratedRegex(@"[\w.]+Exception\b")]
    private static partial Regex Exception();

    [GeneratedRegex("correlationId=00000000-0000-4000-8000-([0-9a-f]{12})")]
    private static partial Regex CorrelationId();

    private sealed class Finding
    {
        public List<string> Examples { get; } = [];

        public int Count { get; set; }
    }
}
