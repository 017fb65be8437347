using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Bioscope.Bench.Processes;

/// <summary>A process that serves HTTP, and what it uses of the machine. Stopped when it is disposed of.</summary>
internal sealed class WebProcess : IAsyncDisposable
{
    private static readonly TimeSpan MaxStartTime = TimeSpan.FromMinutes(2);
    private const int MaxLines = 100;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();

    private WebProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>The latest lines that it wrote to standard output since it listens.</summary>
    public IReadOnlyCollection<string> Log => _log;

    /// <summary>Processor time it has used so far, of all its threads.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The most physical memory that it had at any time, in bytes.</summary>
    public long PeakMemory => Kilobytes("VmHWM:") * 1024;

    public long Memory => Kilobytes("VmRSS:") * 1024;

    /// <summary>Whether it has not ended.</summary>
    public bool Lives => !_process.HasExited;

    /// <summary>Starts it and waits until it says on standard output where it listens.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="sign">What stands before its address.</param>
    /// <param name="cancellationToken">Ends the wait and the process.</param>
    /// <param name="line">Told of each line that it writes to standard output afterwards, and to standard error.</param>
    public static async Task<WebProcess> StartAsync(ProcessStartInfo start, string sign, CancellationToken cancellationToken, Action<string>? line = null)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var process = Process.Start(start)!;
        var errors = ReadErrorsAsync(process, line);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } said)
            {
                if (said.IndexOf(sign, StringComparison.Ordinal) is >= 0 and var place)
                {
                    var started = new WebProcess(process, new Uri(said[(place + sign.Length)..].Trim()));
                    _ = started.ListenAsync(line);
                    return started;
                }
            }

            throw new BenchException($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not start: {await errors}");
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    public async Task ReadyAsync(string path, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = Address };
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(started) > MaxStartTime)
            {
                throw new BenchException($"The server is not ready: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>Waits until it has used next to no processor time for that long, and returns how long it was busy before.</summary>
    public async Task<TimeSpan> IdleAsync(TimeSpan quiet, CancellationToken cancellationToken)
    {
        const int Windows = 3;
        const double Idle = 0.05; // of a processor
        var (started, busy, idle) = (Stopwatch.GetTimestamp(), TimeSpan.Zero, 0);
        while (idle < Windows)
        {
            var before = ProcessorTime;
            await Task.Delay(quiet / Windows, cancellationToken);
            var isIdle = ProcessorTime - before < quiet / Windows * Idle;
            idle = isIdle ? idle + 1 : 0;
            busy = isIdle ? busy : Stopwatch.GetElapsedTime(started);
        }

        return busy;
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill(); // SIGKILL
        await _process.WaitForExitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var terminate = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await terminate.WaitForExitAsync();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    /// <summary>Reads on, so that it never waits for a reader.</summary>
    private async Task ListenAsync(Action<string>? tell)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            tell?.Invoke(line);
            _log.Enqueue(line);
            if (_log.Count > MaxLines)
            {
                _log.TryDequeue(out _);
            }
        }
    }

    private static async Task<string> ReadErrorsAsync(Process process, Action<string>? tell)
    {
        var errors = new StringBuilder();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            tell?.Invoke(line);
            errors.AppendLine(line);
        }

        return errors.ToString();
    }

    private long Kilobytes(string name)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length, line.Length - name.Length - "kB".Length).Trim(), CultureInfo.InvariantCulture);
    }
}
