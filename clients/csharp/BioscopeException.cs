using System.Text.Json;

namespace Bioscope.Client;

/// <summary>The server refused a call, or something before it did.</summary>
public sealed class BioscopeException : Exception
{
    private BioscopeException(int status, string message, FailureError? error, TimeSpan? retryAfter, string? correlationId)
        : base(message)
    {
        Status = status;
        Code = error?.Code;
        I18nKey = error?.I18nKey;
        I18nVars = error?.I18nVars ?? new Dictionary<string, JsonElement>();
        Details = [.. error?.Details?.Select(detail => detail?.Message ?? "") ?? []];
        RetryAfter = retryAfter;
        CorrelationId = error?.CorrelationId ?? correlationId;
    }

    /// <summary>The HTTP status. One from 200 to 299 means that the answer was no answer of Bioscope.</summary>
    public int Status { get; }

    /// <summary>A fixed code for programs, such as <c>RATE_LIMIT_EXCEEDED</c>; null if the answer was not from Bioscope.</summary>
    public string? Code { get; }

    /// <summary>The key of your own text, such as <c>error.rate_limit.exceeded</c>; null if the answer was not from Bioscope.</summary>
    public string? I18nKey { get; }

    /// <summary>Values for your own text, such as <c>retryAfter</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement> I18nVars { get; }

    /// <summary>One sentence for each problem, in English.</summary>
    public IReadOnlyList<string> Details { get; }

    /// <summary>How long to wait before the next call; null if the server does not say.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Names the call in the server's log.</summary>
    public string? CorrelationId { get; }

    internal static BioscopeException Of(HttpResponseMessage response, byte[] answer)
    {
        var status = (int)response.StatusCode;
        var error = ErrorIn(answer) is { Code: not null } given ? given : null;
        var message = error is not null
            ? string.Join(' ', error.Details?.Select(detail => detail?.Message).Prepend(error.Message) ?? [error.Message])
            : $"The answer with status {status} is not one of Bioscope.";
        var correlationId = response.Headers.TryGetValues("X-Correlation-Id", out var ids) ? ids.FirstOrDefault() : null;
        return new BioscopeException(status, message, error, response.Headers.RetryAfter?.Delta, correlationId);
    }

    private static FailureError? ErrorIn(byte[] answer)
    {
        try
        {
            return JsonSerializer.Deserialize(answer, ClientJson.Default.Failure)?.Error;
        }
        catch (JsonException)
        {
            return null; // a page of a proxy
        }
    }
}
