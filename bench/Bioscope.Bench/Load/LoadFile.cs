namespace Bioscope.Bench.Load;

/// <summary>A request that is sent over and over.</summary>
internal sealed record LoadRequest(string Method, string Path, string Token = "", string Body = "");

/// <summary>The requests of a load in the order in which they are sent, and the same as a file for wrk.</summary>
internal sealed class LoadFile : IDisposable
{
    public const string UserAgent =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

    private LoadFile(IReadOnlyList<LoadRequest> requests, IReadOnlyList<int> order) => (Requests, Order) = (requests, order);

    public IReadOnlyList<LoadRequest> Requests { get; }

    /// <summary>Indexes of requests.</summary>
    public IReadOnlyList<int> Order { get; }

    public string Path { get; } = System.IO.Path.GetTempFileName();

    /// <summary>Requests that are each sent many times.</summary>
    public static LoadFile InOrder(IReadOnlyList<LoadRequest> requests, IReadOnlyList<int> order)
    {
        var file = new LoadFile(requests, order);
        File.WriteAllLines(file.Path, requests.Select(Line).Concat(order.Select(index => $"= {index + 1}")));
        return file;
    }

    /// <summary>POSTs that are sent one after the other.</summary>
    public static LoadFile Posts(IReadOnlyList<LoadRequest> requests)
    {
        var file = new LoadFile(requests, [.. Enumerable.Range(0, requests.Count)]);
        File.WriteAllLines(file.Path, requests.Select(Line));
        return file;
    }

    public void Dispose() => File.Delete(Path);

    private static string Line(LoadRequest request) => $"{request.Method}\t{request.Path}\t{request.Token}\t{request.Body}";
}
