using System.Net;
using BenchmarkDotNet.Attributes;
using Bioscope.Core;

namespace Bioscope.Micro;

/// <summary>What a session pays for its country: addresses all over the table, so that the caches do not help as they do with one.</summary>
[MemoryDiagnoser]
public class CountryBenchmarks
{
    private const int Addresses = 10_000;
    private readonly IPAddress[] _v4 = Make(4);
    private readonly IPAddress[] _v6 = Make(16);

    [Benchmark(OperationsPerInvoke = Addresses)]
    public int V4() => Count(_v4);

    [Benchmark(OperationsPerInvoke = Addresses)]
    public int V6() => Count(_v6);

    private static int Count(IPAddress[] addresses)
    {
        var known = 0;
        foreach (var address in addresses)
        {
            known += CountryTable.Find(address) is null ? 0 : 1;
        }

        return known;
    }

    private static IPAddress[] Make(int length)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Addresses).Select(_ =>
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            if (length == 16)
            {
                (bytes[0], bytes[1]) = (0x2A, (byte)(bytes[1] % 16));
            }

            return new IPAddress(bytes);
        })];
    }
}
