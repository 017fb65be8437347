using System.Data.Common;
using System.Diagnostics;

namespace Bioscope.Engine;

/// <summary>
/// What the server does, as OpenTelemetry's spans; none is made while nobody listens. A span has names from the code, numbers and ids of
/// requests, and nothing else that came from outside: no address, no path, no value of a statement, no message of a failure.
/// </summary>
internal static class Spans
{
    /// <summary>What listeners ask for.</summary>
    public const string SourceName = "Bioscope";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>A request.</summary>
    /// <param name="method">Its method, one of the few that have a name.</param>
    /// <param name="parent">Who sent it; <c>default</c> begins a trace.</param>
    public static Activity? StartRequest(string method, ActivityContext parent) =>
        Source.StartActivity(method, ActivityKind.Server, parent);

    /// <summary>A piece of work that no request waits for; it begins a trace.</summary>
    public static Activity? StartWork(string name) => Source.StartActivity(name);

    /// <summary>
    /// A statement of a request or of a piece of work. Others look every few seconds whether there is something to do, and would be nearly
    /// all traces of a quiet server.
    /// </summary>
    public static Activity? StartStatement(string name) =>
        Source.HasListeners() && Activity.Current is { IsStopped: false } ? Source.StartActivity(name, ActivityKind.Client) : null;

    /// <summary>
    /// Marks the span as failed, by the kind of the failure, whose message may have values. That nobody waits for an answer is no failure.
    /// </summary>
    public static void Fail(this Activity? span, Exception failure)
    {
        if (span is not null && failure is not OperationCanceledException)
        {
            span.SetStatus(ActivityStatusCode.Error);
            span.SetTag("error.type", failure is DbException { SqlState: { Length: > 0 } state } ? state : failure.GetType().Name);
        }
    }
}
