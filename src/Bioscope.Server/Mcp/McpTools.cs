using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Retention;
using Bioscope.Engine.Storage;
using Bioscope.Server.Web;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Bioscope.Server.Mcp;

/// <summary>
/// The tools that assistants have. What is wrong with a call is an answer that says what to correct, so that they ask again.
/// </summary>
internal static partial class McpTools
{
    // Enough to see what is wrong.
    private const int MaxUnknown = 5;

    private static readonly McpTool[] All =
    [
        new(
            "query", "Any question", McpSchema.Query,
            "Counts any metrics of the page by up to two dimensions, over any range, with filters and comparison. Totals are counted " +
            "over everything, not only the rows shown.",
            McpAnswers.QueryAsync),
        new(
            "sources", "Where visits come from", McpSchema.Rows,
            "Where the visits came from, most first: named source, channel, visits, visitors, clicks, clicks per 100 views, share in " +
            "percent, and the most frequent referrer domains. coverage.attributed is the percentage of visits whose source is known.",
            McpAnswers.SourcesAsync),
        new(
            "links", "Clicks on links", McpSchema.Rows,
            "The clicks on the page's links, most first, with their titles and addresses: clicks, distinct visitors who clicked, and " +
            "clicks per 100 page views; and which links had none.",
            McpAnswers.LinksAsync),
        new(
            "drops", "What was not counted", McpSchema.Days,
            "How many visits and events were not counted, by reason and day: consent (refused), unanswered, bot, token, session, link, " +
            "throttle, overload, storage. They are in no other figure.",
            McpAnswers.DropsAsync),
    ];

    /// <summary>The tools as they are listed.</summary>
    public static IList<Tool> Described { get; } = [.. All.Select(tool => new Tool
    {
        Name = tool.Name,
        Title = tool.Title,
        Description = tool.Description,
        InputSchema = tool.Schema,
        Annotations = new ToolAnnotations { ReadOnlyHint = true, IdempotentHint = true, DestructiveHint = false, OpenWorldHint = false },
    })];

    /// <summary>Answers a call about a page.</summary>
    /// <exception cref="McpProtocolException">There is no such tool.</exception>
    public static async ValueTask<CallToolResult> CallAsync(
        IServiceProvider services, Guid page, CallToolRequestParams? call, CancellationToken cancellationToken)
    {
        if (Array.Find(All, tool => tool.Name == call?.Name) is not { } asked)
        {
            throw new McpProtocolException(
                $"There is no such tool. There are {string.Join(", ", All.Select(tool => tool.Name))}.", McpErrorCode.InvalidParams);
        }

        using var arguments = Arguments(call!.Arguments);
        var known = McpSchema.ArgumentsOf(asked.Schema);
        var unknown = arguments.RootElement.EnumerateObject().Select(argument => argument.Name).Except(known).Take(MaxUnknown).ToArray();
        var answer = unknown.Length > 0
            ? McpAnswer.Refused([.. unknown.Select(name => $"{name} is no argument; there are {string.Join(", ", known)}.")])
            : await AnswerAsync(services, asked, new McpCall(services, page, arguments.RootElement, cancellationToken));
        return new CallToolResult
        {
            IsError = answer.IsRefused,
            Content = [.. new[] { answer.Text, answer.Note }.OfType<string>().Select(text => new TextContentBlock { Text = text })],
        };
    }

    private static async Task<McpAnswer> AnswerAsync(IServiceProvider services, McpTool tool, McpCall call)
    {
        try
        {
            return await tool.AnswerAsync(call);
        }
        catch (NotKeptException e)
        {
            return McpAnswer.Refused([e.Message]);
        }
        catch (QueryTooLargeException)
        {
            return McpAnswer.Refused(ApiError.QueryTooLarge.Details);
        }
        catch (DbException e) when (services.GetRequiredService<MainDatabase>().Dialect.IsUnavailable(e)
            || services.GetRequiredService<AnalyticsDatabase>().Dialect.IsUnavailable(e))
        {
            Log.Unavailable(LoggerOf(services), tool.Name, e.Message);
            return McpAnswer.Refused([ApiError.Unavailable.Message]);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Errors does the same for routes; here the library would send the failure as one of the protocol.
            Log.Failed(LoggerOf(services), tool.Name, e);
            return McpAnswer.Refused([ApiError.Internal.Message]);
        }
    }

    private static ILogger LoggerOf(IServiceProvider services) =>
        services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(McpTools).FullName!);

    private static JsonDocument Arguments(IDictionary<string, JsonElement>? given) => JsonDocument.Parse(
        new JsonObject([.. (given ?? new Dictionary<string, JsonElement>()).Select(argument =>
            KeyValuePair.Create(argument.Key, JsonNode.Parse(argument.Value.GetRawText())))]).ToJsonString());

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The tool {Tool} of assistants failed")]
        public static partial void Failed(ILogger logger, string tool, Exception failure);

        [LoggerMessage(LogLevel.Warning, "The tool {Tool} of assistants: a database is not available: {Reason}")]
        public static partial void Unavailable(ILogger logger, string tool, string reason);
    }
}

/// <summary>A tool.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Schema">Its arguments.</param>
/// <param name="Description">What it answers.</param>
/// <param name="AnswerAsync">Answers a call.</param>
internal sealed record McpTool(
    string Name, string Title, JsonElement Schema, string Description, Func<McpCall, Task<McpAnswer>> AnswerAsync);

/// <summary>A call about a page, whose arguments all have known names.</summary>
internal sealed record McpCall(IServiceProvider Services, Guid Page, JsonElement Arguments, CancellationToken CancellationToken);

/// <summary>The answer to a call.</summary>
/// <param name="Text">JSON, or what is wrong with the call.</param>
/// <param name="Note">What was cut, and how to get it; null where nothing was.</param>
/// <param name="IsRefused">Whether the call is wrong.</param>
internal sealed record McpAnswer(string Text, string? Note, bool IsRefused = false)
{
    /// <summary>About six thousand tokens: few enough to leave room for a conversation.</summary>
    private const int MaxChars = 24_000;

    /// <summary>A refusal, one sentence for each problem.</summary>
    public static McpAnswer Refused(IReadOnlyList<string> problems) => new(string.Join('\n', problems), null, IsRefused: true);

    /// <summary>An answer with as many of the rows as fit.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="rowCount">How many there are in all, with those before the offset.</param>
    /// <param name="offset">How many come before them.</param>
    /// <param name="write">The JSON with some of them.</param>
    public static McpAnswer Of<T>(IReadOnlyList<T> rows, int rowCount, int offset, Func<IReadOnlyList<T>, string> write)
    {
        var (shown, text) = (rows.Count, write(rows));
        while (text.Length > MaxChars && shown > 0)
        {
            shown = shown * 3 / 4;
            text = write([.. rows.Take(shown)]);
        }

        var note = offset + shown >= rowCount ? null
            : FormattableString.Invariant($"Shown are {shown} of {rowCount} rows, after the first {offset}. ")
                + FormattableString.Invariant($"For more, ask again with \"offset\": {offset + Math.Max(shown, 1)}.");
        return new McpAnswer(text, note);
    }
}
