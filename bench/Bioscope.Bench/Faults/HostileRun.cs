using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Bioscope.Bench.Processes;

namespace Bioscope.Bench.Faults;

/// <summary>What is asked for.</summary>
internal sealed record HostileOptions(int Seed, int First, int Count, TimeSpan MaxTime, TimeSpan Patience);

/// <summary>Sends requests to one server from many connections at once, and keeps what was wrong with the answers.</summary>
internal sealed class HostileRun(WebProcess server, HostileOptions options, HostileFindings findings) : IDisposable
{
    private const int Workers = 24;
    private const int MaxSlow = 20;
    private const int MaxAlone = 200;

    private readonly HostileRequests _requests = new(options.Seed);
    // A part of a request is waited for by the server: for so long nothing need come.
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _slow = new(MaxSlow);
    private readonly SemaphoreSlim _alone = new(MaxAlone);
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private int _next = options.First - 1;

    /// <summary>Answers by status; 0 is a connection that the server closed without one.</summary>
    public ConcurrentDictionary<int, int> Statuses { get; } = new();

    private long Memory => server.Lives ? server.Memory / 1048576 : 0;

    public int Sent => Math.Min(_next + 1, options.First + options.Count) - options.First;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var workers = Enumerable.Range(0, Workers).Select(_ => Task.Run(() => WorkAsync(cancellationToken), cancellationToken)).ToArray();
        var all = Task.WhenAll(workers);
        while (await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(20), cancellationToken)) != all)
        {
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"  {Sent:N0} of {options.Count:N0} requests, {_watch.Elapsed.TotalSeconds:N0} s, {findings.Count:N0} findings, {Memory:N0} MB"));
        }

        await all;
        await EndAsync(_slow, MaxSlow);
        await EndAsync(_alone, MaxAlone);

        async Task EndAsync(SemaphoreSlim places, int count)
        {
            for (var i = 0; i < count; i++)
            {
                await places.WaitAsync(cancellationToken);
            }
        }
    }

    public void Dispose()
    {
        _slow.Dispose();
        _alone.Dispose();
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        RawConnection? kept = null;
        try
        {
            while (_watch.Elapsed < options.MaxTime && server.Lives)
            {
                var number = Interlocked.Increment(ref _next);
                if (number >= options.First + options.Count)
                {
                    return;
                }

                var request = _requests.Make(number);
                if (request.Sending == Sending.Whole)
                {
                    kept = await SendWholeAsync(request, kept, cancellationToken);
                }
                else
                {
                    var places = request.Sending == Sending.Slow ? _slow : _alone;
                    await places.WaitAsync(cancellationToken);
                    _ = Task.Run(() => SendApartAsync(request, places, cancellationToken), CancellationToken.None);
                }
            }
        }
        finally
        {
            kept?.Dispose();
        }
    }

    /// <returns>The connection, when it can be used again.</returns>
    private async Task<RawConnection?> SendWholeAsync(HostileRequest request, RawConnection? kept, CancellationToken cancellationToken)
    {
        // A connection that was kept may be closed by now, for its own reasons; a new one must answer.
        var connection = kept;
        for (var attempt = kept is null ? 1 : 0; attempt < 2; attempt++)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(options.Patience);
            try
            {
                connection ??= await RawConnection.OpenAsync(server.Address, null, patience.Token);
                await connection.SendAsync(request.Bytes, patience.Token);
                if (await connection.ReadAsync(request.Method, patience.Token) is { } answer)
                {
                    Check(request, answer);
                    if (!answer.Closes)
                    {
                        return connection;
                    }

                    connection.Dispose();
                    return null;
                }

                if (attempt == 1)
                {
                    findings.Add(request.Number, request.Kind, "the server closed a new connection without an answer");
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                findings.Add(request.Number, request.Kind, $"no answer within {options.Patience.TotalSeconds} s");
                attempt = 1;
            }
            catch (InvalidDataException e)
            {
                findings.Add(request.Number, request.Kind, e.Message);
                attempt = 1;
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                if (attempt == 1 && server.Lives)
                {
                    findings.Add(request.Number, request.Kind, $"a new connection broke: {e.Message}");
                }
            }

            connection?.Dispose();
            connection = null;
        }

        return null;
    }

    /// <summary>Sends a request on a connection of its own, while others are sent.</summary>
    private async Task SendApartAsync(HostileRequest request, SemaphoreSlim places, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = await RawConnection.OpenAsync(server.Address, request.From, cancellationToken);
            await SendApartAsync(request, connection, cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            findings.Add(request.Number, request.Kind, $"neither an answer nor an end within {options.Patience.TotalSeconds} s");
        }
        catch (InvalidDataException e) when (request.MustBeAnswered)
        {
            findings.Add(request.Number, request.Kind, e.Message);
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidDataException or OperationCanceledException)
        {
            Count(0); // hung up on, which may be
        }
        finally
        {
            places.Release();
        }
    }

    private async Task SendApartAsync(HostileRequest request, RawConnection connection, CancellationToken cancellationToken)
    {
        switch (request.Sending)
        {
            case Sending.Aborted:
                var sent = 1 + (int)((uint)request.Number * 2_654_435_761 % (uint)request.Bytes.Length);
                await connection.SendAsync(request.Bytes.AsMemory(0, sent), cancellationToken);
                connection.Reset();
                return;
            case Sending.Slow:
                foreach (var piece in request.Bytes.Chunk((request.Bytes.Length / 8) + 1))
                {
                    await connection.SendAsync(piece, cancellationToken);
                    await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
                }

                break;
            default:
                await connection.SendAsync(request.Bytes, cancellationToken);
                break;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Patience);
        if (!request.MustBeAnswered && !await connection.HasAnswerAsync(MaxSilence, patience.Token))
        {
            connection.EndSending(); // it waits for the rest, which does not come
        }

        if (await connection.ReadAsync(request.Method, patience.Token) is { } answer)
        {
            Check(request, answer);
        }
        else
        {
            Count(0);
            if (request.MustBeAnswered)
            {
                findings.Add(request.Number, request.Kind, "the server closed the connection without an answer");
            }
        }
    }

    private void Check(HostileRequest request, RawAnswer answer)
    {
        Count(answer.Status);
        if (answer.Status is 500 or 502 or 504)
        {
            findings.Add(request.Number, request.Kind, $"was answered {answer.Status}");
        }
        else if (answer.Status is >= 200 and < 300 && (request.Kind is "forged" or "other creator's"))
        {
            findings.Add(request.Number, request.Kind, $"was answered {answer.Status}");
        }
        else if (answer is { Status: >= 400, IsJson: true } && !HasEnvelope(answer.Body))
        {
            findings.Add(request.Number, request.Kind, $"the answer {answer.Status} has no envelope");
        }
    }

    private static readonly string[] EnvelopeKeys = ["code", "message", "i18nKey", "i18nVars", "details", "correlationId"];

    private static bool HasEnvelope(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.TryGetProperty("error", out var error)
                && Array.TrueForAll(EnvelopeKeys, key => error.TryGetProperty(key, out _));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Count(int status) => Statuses.AddOrUpdate(status, 1, static (_, count) => count + 1);
}
