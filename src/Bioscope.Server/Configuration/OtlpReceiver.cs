using System.Globalization;

namespace Bioscope.Server.Configuration;

/// <summary>
/// Where metrics and traces are sent to, by the settings <c>Otlp:*</c>; for one that is not set, OpenTelemetry's own variable counts, which
/// other programs on a machine often share.
/// </summary>
internal sealed class OtlpReceiver
{
    /// <summary>OpenTelemetry's variables for how many traces are recorded.</summary>
    public const string Sampler = "OTEL_TRACES_SAMPLER", SamplerArgument = "OTEL_TRACES_SAMPLER_ARG";

    private const string EndpointKey = "Otlp:Endpoint", ProtocolKey = "Otlp:Protocol", HeadersKey = "Otlp:Headers";
    private const string RatioKey = "Otlp:TraceRatio";
    private const string Grpc = "grpc", Http = "http/protobuf";

    // What is added for metrics and for traces.
    private static readonly string[] Ends = ["/v1/metrics", "/v1/traces"];

    // Those that the library knows.
    private static readonly string[] Samplers =
        ["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"];

    private OtlpReceiver(Uri endpoint, bool isGrpc, string? headers, double? traceRatio) =>
        (Endpoint, IsGrpc, Headers, TraceRatio) = (endpoint, isGrpc, headers, traceRatio);

    /// <summary>Its address, to which paths are added over HTTP.</summary>
    public Uri Endpoint { get; }

    /// <summary>gRPC, otherwise HTTP.</summary>
    public bool IsGrpc { get; }

    /// <summary>Sent with everything, as <c>name=value,name=value</c>; it may have a secret.</summary>
    public string? Headers { get; }

    /// <summary>Which part of the traces is recorded, from 0 to 1; null when OpenTelemetry's variables say so, or nobody.</summary>
    public double? TraceRatio { get; }

    public bool HasTraces => TraceRatio is not 0;

    /// <summary>Its address without the path, in which some services have a key.</summary>
    public override string ToString() => Endpoint.GetLeftPart(UriPartial.Authority);

    /// <returns>Null when nothing is sent.</returns>
    public static OtlpReceiver? Read(SettingsReader reader)
    {
        if (Given(reader, EndpointKey, "OTEL_EXPORTER_OTLP_ENDPOINT") is not var (key, text))
        {
            foreach (var other in (string[])[ProtocolKey, HeadersKey, RatioKey])
            {
                if (reader.Optional(other) is not null)
                {
                    reader.Refuse($"{other}: it is of no use without {EndpointKey}.");
                }
            }

            return null;
        }

        var endpoint = EndpointOf(reader, key, text);
        var isGrpc = IsGrpcOf(reader);
        var headers = HeadersOf(reader);
        var ratio = reader.Optional(RatioKey) is { } given ? RatioOf(reader, RatioKey, given) : null;
        if (ratio is null && reader.Optional(Sampler) is { } sampler)
        {
            CheckSampler(reader, sampler);
        }

        return endpoint is null ? null : new OtlpReceiver(endpoint, isGrpc, headers, ratio);
    }

    private static (string Key, string Text)? Given(SettingsReader reader, string key, string variable) =>
        reader.Optional(key) is { } own ? (key, own) : reader.Optional(variable) is { } text ? (variable, text) : null;

    private static Uri? EndpointOf(SettingsReader reader, string key, string text)
    {
        // Without the text: an address with a user may have a password.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Host.Length == 0
            || address.Query.Length + address.Fragment.Length + address.UserInfo.Length > 0)
        {
            reader.Refuse(
                $"{key}: it is not an address such as http://localhost:4318 or https://otlp.example/path, with http or https and without " +
                $"user, '?' and '#'. A key belongs into {HeadersKey}.");
            return null;
        }

        if (Ends.FirstOrDefault(end => address.AbsolutePath.TrimEnd('/').EndsWith(end, StringComparison.Ordinal)) is { } end)
        {
            reader.Refuse($"{key}: leave out its end, {end}. It is added for metrics and for traces.");
            return null;
        }

        return address;
    }

    private static bool IsGrpcOf(SettingsReader reader)
    {
        var given = Given(reader, ProtocolKey, "OTEL_EXPORTER_OTLP_PROTOCOL");
        if (given is var (key, text) && text is not (Grpc or Http))
        {
            reader.Refuse($"{key}: '{text}' is not one of {Http}, {Grpc}.");
        }

        return given?.Text is Grpc;
    }

    /// <summary>As the library reads them: escapes first, then commas, then the first equals sign.</summary>
    private static string? HeadersOf(SettingsReader reader)
    {
        if (Given(reader, HeadersKey, "OTEL_EXPORTER_OTLP_HEADERS") is not var (key, text))
        {
            return null;
        }

        using var request = new HttpRequestMessage();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "User-Agent" }; // the library's own
        foreach (var pair in Uri.UnescapeDataString(text).Split(','))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            try
            {
                if (at > 0 && names.Add(pair[..at].Trim()))
                {
                    request.Headers.Add(pair[..at].Trim(), pair[(at + 1)..].Trim());
                    continue;
                }
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException)
            {
                // Said below, without the text, which may have a secret.
            }

            reader.Refuse($"{key}: it is not a list of HTTP headers such as api-key=…,tenant=…, each of them once.");
            return null;
        }

        return text;
    }

    private static double? RatioOf(SettingsReader reader, string key, string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1)
        {
            return ratio;
        }

        reader.Refuse($"{key}: '{text}' is not a number from 0 to 1, such as 0.1 for one trace in ten.");
        return null;
    }

    /// <summary>The library would take an unknown one for all traces.</summary>
    private static void CheckSampler(SettingsReader reader, string sampler)
    {
        if (!Samplers.Contains(sampler))
        {
            reader.Refuse($"{Sampler}: '{sampler}' is not one of {string.Join(", ", Samplers)}.");
        }
        else if (sampler.EndsWith("ratio", StringComparison.Ordinal) && reader.Optional(SamplerArgument) is { } argument)
        {
            RatioOf(reader, SamplerArgument, argument);
        }
    }
}
