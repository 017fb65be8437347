using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Checking;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Import;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Server.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>
/// Whatever happens, in whatever order, every report equals a recount of the raw rows: visits, page views, heartbeats, imports of old
/// rows, sealing, interrupted or overtaken sealing, restarts, another instance, and a clock that runs, jumps, or is set back.
/// </summary>
public sealed class RollupModelTests
{
    // For more runs: BIOSCOPE_MODEL_RUNS=50 dotnet test …
    private static readonly int Runs = int.TryParse(Environment.GetEnvironmentVariable("BIOSCOPE_MODEL_RUNS"), out var runs) ? runs : 1;
    private static readonly int FirstSeed = int.TryParse(
        Environment.GetEnvironmentVariable("BIOSCOPE_MODEL_SEED"), out var seed) ? seed : 1;

    [Theory, Engines(With = [1, 2, 3])]
    public async Task Every_report_equals_the_recount_of_the_raw_rows(EngineKind engine, int part)
    {
        for (var run = 0; run < Runs; run++)
        {
            await using var model = await Model.StartAsync(engine, (FirstSeed * 1_000) + (part * 100_000) + run);
            for (var step = 0; step < 40; step++)
            {
                await model.StepAsync();
            }

            await model.CheckAsync(Recount.Reports);
        }
    }

    [Theory, Engines]
    public async Task Unique_visitors_equal_a_distinct_count_wherever_the_window_starts(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var random = new Random(FirstSeed);
        for (var world = 0; world < 12 * Runs; world++)
        {
            var creator = await app.AddCreatorAsync();
            var now = app.Clock.GetUtcNow();
            // Few visitors, and many visits near the start of windows and some just now.
            await app.Analytics.InsertAsync(SessionRow.Table, [.. Enumerable.Range(0, random.Next(40, 900)).Select(i => new SessionRow
            {
                BioPageId = creator.BioPageId,
                Id = Guid.NewGuid(),
                VisitorId = $"visitor {random.Next(1, 30 + (world * 40))}",
                StartedAt = now.AddHours(i % 7 == 0 ? -random.NextDouble() * 3 : -22 - (random.NextDouble() * 5)),
            })], TestContext.Current.CancellationToken);
            // Up to some second of the last hours, or of those in which windows start.
            var until = now.AddHours(-(random.NextDouble() * 3) - (random.Next(3) == 0 ? 22 : 0));
            await new Sealer(app.Analytics) { HoldsFence = false }.SealAsync(creator.BioPageId, Fence.Floor(until), TestContext.Current.CancellationToken, minRows: 0);

            for (var report = 0; report < 12; report++)
            {
                app.Clock.StepTo(now.AddMinutes(random.Next(-120, 180)));
                var said = JsonNode.Parse(await app.ReportAsync(creator, "overview?days=1"))!;
                Assert.Equal(await Recount.ReportAsync(app, creator, "overview", 1), said.ToJsonString());
            }

            app.Clock.StepTo(now);
        }
    }

    private sealed class Model : IAsyncDisposable
    {
        private static readonly string[] Domains = ["instagram.com", "l.instagram.com", "tiktok.com", "youtube.com", "direct", "😀.example",
            "\uFFFD.example"];
        private static readonly string[] Countries = ["Germany", "Austria", "United States", "\"quoted\" \\ land"];

        private readonly int _seed;
        private readonly Random _random;
        private readonly TestDatabases _databases;
        private readonly List<(Creator Creator, Guid Session)> _sessions = [];
        private readonly List<string> _log = [];
        private readonly Queue<JsonObject> _asked = [];
        private TestApp _app;
        private TestApp _other; // another instance on the same databases
        private Creator[] _creators = [];
        private int _imports;

        private Model(int seed, TestDatabases databases, TestApp app, TestApp other) =>
            (_seed, _random, _databases, _app, _other) = (seed, new Random(seed), databases, app, other);

        public static async Task<Model> StartAsync(EngineKind engine, int seed)
        {
            var databases = await TestDatabases.CreateAsync(engine);
            var model = new Model(seed, databases, await StartAppAsync(databases, true), await StartAppAsync(databases, false));
            model._creators = [await model._app.AddCreatorAsync(), await model._app.AddCreatorAsync()];
            // because the recount names every link
            var links = from creator in model._creators
                        from number in Enumerable.Range(0, 3)
                        select new BioLinkRow(LinkOf(creator, number), creator.BioPageId, "Unknown", "");
            await model._app.Main.InsertAsync(BioLinkRow.Table, [.. links], TestContext.Current.CancellationToken);
            return model;
        }

        public async Task StepAsync()
        {
            if (_random.Next(3) == 0)
            {
                Note("other instance");
                _other.Clock.StepTo(_app.Clock.GetUtcNow());
                (_app, _other) = (_other, _app);
            }

            switch (_random.Next(16))
            {
                case 14 or 15:
                    await SegmentAsync();
                    break;
                case 0 or 1:
                    await ImportAsync(_random.Next(3) == 0 ? _random.Next(600, 1_500) : _random.Next(1, 200));
                    break;
                case 2 or 3:
                    await VisitAsync(_random.Next(1, 30));
                    break;
                case 4 or 5:
                    await GoOnAsync(_random.Next(1, 20));
                    break;
                case 6 or 7:
                    Note("clock on");
                    _app.Clock.Advance(TimeSpan.FromMinutes(_random.Next(1, 180)));
                    break;
                case 8:
                    Note("clock far on");
                    _app.Clock.Advance(TimeSpan.FromHours(_random.Next(10, 900)));
                    break;
                case 9:
                    Note("clock back");
                    _app.Clock.StepTo(_app.Clock.GetUtcNow().AddMinutes(-_random.Next(1, 4_000)));
                    break;
                case 10 or 11:
                    await SealAsync();
                    break;
                case 12:
                    await SealWithTroubleAsync();
                    break;
                default:
                    await RestartAsync();
                    break;
            }

            await AskAsync(2);
            await CheckAsync([.. Enumerable.Range(0, 4).Select(_ => Recount.Reports[_random.Next(Recount.Reports.Length)])]);
        }

        /// <summary>What reports show, and all derived data.</summary>
        public async Task CheckAsync(string[] reports)
        {
            foreach (var creator in _creators)
            {
                var difference = await new RollupVerifier(_app.Analytics, creator.BioPageId).FindDifferenceAsync(
                    TestContext.Current.CancellationToken);
                Assert.True(
                    difference is null, $"seed {_seed} at {_app.Clock.GetUtcNow():O}: {difference}\nafter {string.Join(", ", _log)}");
            }

            foreach (var report in reports)
            {
                foreach (var creator in _creators)
                {
                    var days = _random.Next(3) == 0 ? _random.Next(1, 4) : _random.Next(1, 366);
                    var path =
                        $"/api/v1/creators/analytics/{report}{(report.Contains('?', StringComparison.Ordinal) ? '&' : '?')}days={days}";
                    var answer = await ReadAsync(path, creator);
                    Assert.Equal(answer, await ReadAsync(path, creator)); // when what is sealed is in memory
                    var recount = await Recount.ReportAsync(_app, creator, report, days);

                    var said = report.StartsWith(
                        "export", StringComparison.Ordinal) ? answer : JsonNode.Parse(answer)!["data"]!.ToJsonString();
                    var expected = report.StartsWith(
                        "export", StringComparison.Ordinal) ? recount : JsonNode.Parse(recount)!.ToJsonString();
                    Assert.True(
                        expected == said,
                        $"seed {_seed}, {report} of {days} days at {_app.Clock.GetUtcNow():O}\nsaid     {said}\nrecount  " +
                        $"{expected}\nafter {string.Join(", ", _log)}");
                }
            }
        }

        private async Task<string> ReadAsync(string path, Creator creator)
        {
            using var response = await _app.GetAsync(path, _app.Token(creator));
            return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }

        /// <summary>Random queries to the engine; most were asked before.</summary>
        private async Task AskAsync(int queries)
        {
            var creator = AnyCreator();
            var model = await _app.ModelAsync(creator);
            for (var i = 0; i < queries; i++)
            {
                var known = _asked.Count < 4 ? null : _asked.Dequeue();
                var query = known is null || _random.Next(4) == 0 ? RandomQuery.Of(_random) : known;
                _asked.Enqueue(query);
                await _app.AssertAnswersAsync(
                    creator, query, model, $"seed {_seed} at {_app.Clock.GetUtcNow():O} after {string.Join(", ", _log)}");
            }
        }

        private void Note(string what) => _log.Add(what);

        private Creator AnyCreator() => _creators[_random.Next(_creators.Length)];

        private string AnyVisitor() => $"visitor {(int)Math.Pow(_random.Next(1, 1_000), 0.9)}";

        /// <summary>Old rows, in one burst, over a day, over a month or over more than a year; a few are in the future.</summary>
        private async Task ImportAsync(int sessions)
        {
            var creator = AnyCreator();
            var span = TimeSpan.FromHours(_random.Next(5) switch { 0 => 1, 1 => 20, 2 => 600, _ => 10_000 });
            var last = _app.Clock.GetUtcNow().AddHours(_random.Next(10) == 0 ? 23 : -_random.Next(3) * _random.Next(4_000));
            Note($"import {sessions} over {span.TotalHours} h to {last:O}");
            var lines = new StringBuilder();
            for (var i = 0; i < sessions; i++)
            {
                var at = last - (span * _random.NextDouble());
                var id = Uuid.Named($"{_seed} {_imports++}");
                var pageViews = _random.Next(0, 4);
                var domain = _random.Next(4) == 0 ? "null" : $"\"{Domains[_random.Next(Domains.Length)]}\"";
                var country = _random.Next(4) == 0 ? "null" : System.Text.Json.JsonSerializer.Serialize(
                    Countries[_random.Next(Countries.Length)]);
                lines.AppendLine(CultureInfo.InvariantCulture, $$"""
                    {"type":"session","id":"{{id}}","bioPageId":"{{creator.BioPageId}}","visitorId":"{{AnyVisitor()}}","referrerDomain":{{domain}},"country":{{country}},"device":"{{(_random.Next(2) == 0 ? "mobile" : "desktop")}}","startedAt":"{{at:yyyy-MM-ddTHH:mm:ss.fffZ}}","duration":{{_random.Next(3) * _random.Next(300)}},"pageViews":{{pageViews}}}
                    """);
                for (var view = 0; view < pageViews; view++)
                {
                    var link = _random.Next(3) == 0 ? $",\"linkClicked\":\"{Uuid.Named($"link {_random.Next(4)}")}\"" : "";
                    lines.AppendLine(CultureInfo.InvariantCulture, $$"""
                        {"type":"pageview","id":"{{Uuid.Named($"{id} {view}")}}","sessionId":"{{id}}","bioPageId":"{{creator.BioPageId}}","enteredAt":"{{at.AddSeconds(view * 40):yyyy-MM-ddTHH:mm:ss.fffZ}}"{{link}}}
                        """);
                }
            }

            var importer = new Importer(
                _app.Main, _app.Analytics, Encoding.UTF8.GetBytes(TestApp.VisitorSecret), Passwords.Rule, _app.Clock)
            {
                BadLine = (line, problem) => Assert.Fail($"line {line}: {problem}"),
                Progress = _ => { },
            };
            await importer.RunAsync(new MemoryStream(Encoding.UTF8.GetBytes(lines.ToString())), TestContext.Current.CancellationToken);
        }

        private async Task VisitAsync(int count)
        {
            Note($"visits {count}");
            await Task.WhenAll(Enumerable.Range(0, count).Select(_ => (Creator: AnyCreator(), Visitor: AnyVisitor(), Domain: Domains[_random.Next(Domains.Length)])).ToList()
                .ConvertAll(async visit =>
                {
                    var id = await _app.PostSessionAsync(
                        visit.Creator, ("visitorId", visit.Visitor), ("referrer", $"https://{visit.Domain}/"));
                    lock (_sessions)
                    {
                        _sessions.Add((visit.Creator, id!.Value));
                    }
                }));
        }

        private static Guid LinkOf(Creator creator, int number) => Uuid.Named($"link {creator.BioPageId} {number}");

        /// <summary>Page views, clicks and heartbeats of sessions, some of which were closed long ago.</summary>
        private async Task GoOnAsync(int count)
        {
            Note($"activity {count}");
            for (var i = 0; i < count && _sessions.Count > 0; i++)
            {
                var (creator, session) = _sessions[Math.Max(0, _sessions.Count - 1 - _random.Next(40))];
                if (_random.Next(2) == 0)
                {
                    // one is not a link
                    await _app.PostPageViewAsync(session, _random.Next(3) == 0 ? LinkOf(creator, _random.Next(4)) : null);
                }
                else
                {
                    using var response = await _app.SendAsync(HttpMethod.Post, $"session/{session}/heartbeat");
                    response.EnsureSuccessStatusCode();
                }
            }
        }

        private async Task SealAsync()
        {
            Note("seal");
            await Fence.MoveAsync(_app.Analytics, _app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
            var fence = (await Fence.ReadAsync(_app.Analytics, TestContext.Current.CancellationToken))!.Value;
            await Task.WhenAll(_creators.Select(creator =>
                new Sealer(_app.Analytics) { MaxRowsInStep = _random.Next(5, 500) }.SealAsync(
                    creator.BioPageId, fence, TestContext.Current.CancellationToken, minRows: _random.Next(2) * 64)));
        }

        /// <summary>Puts rows that can no longer change into segments of few or many rows.</summary>
        private async Task SegmentAsync()
        {
            Note("segment");
            if (await Fence.ReadAsync(_app.Analytics, TestContext.Current.CancellationToken) is { } fence)
            {
                var segmenter = new Segmenter(_app.Analytics) { MinRows = _random.Next(1, 40), MaxRows = _random.Next(10, 2_000) };
                await Task.WhenAll(
                    _creators.Select(creator => segmenter.AdvanceAsync(creator.BioPageId, fence, TestContext.Current.CancellationToken)));
            }
        }

        /// <summary>Something else happens between reading and writing, and then perhaps the transaction is interrupted.</summary>
        private async Task SealWithTroubleAsync()
        {
            await Fence.MoveAsync(_app.Analytics, _app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
            var fence = (await Fence.ReadAsync(_app.Analytics, TestContext.Current.CancellationToken))!.Value;
            var step = await new Sealer(_app.Analytics) { MaxRowsInStep = _random.Next(5, 500) }.ReadAsync(
                AnyCreator().BioPageId, fence, minRows: 0, TestContext.Current.CancellationToken);
            switch (_random.Next(4))
            {
                case 0:
                    await ImportAsync(_random.Next(1, 100));
                    break;
                case 1:
                    await GoOnAsync(_random.Next(1, 30));
                    break;
                case 2:
                    await SealAsync();
                    break;
                default:
                    await VisitAsync(_random.Next(1, 10));
                    break;
            }

            await using var connection = await _app.Analytics.OpenAsync(TestContext.Current.CancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            // As the sealer does: the servers may have moved the fence back meanwhile, and then visits come before the end of the step.
            var written = step is not null
                && step.Until <= (await _app.Analytics.Dialect.HoldFenceAsync(transaction, TestContext.Current.CancellationToken)).At
                && await step.WriteAsync(_app.Analytics.Dialect, transaction, TestContext.Current.CancellationToken);
            if (_random.Next(2) == 0)
            {
                Note($"seal overtaken, written: {written}");
                await transaction.CommitAsync(TestContext.Current.CancellationToken);
            }
            else
            {
                Note("seal cut off");
                await transaction.RollbackAsync(TestContext.Current.CancellationToken);
            }
        }

        private async Task RestartAsync()
        {
            Note("restart");
            var now = _app.Clock.GetUtcNow();
            await _app.DisposeAsync();
            _app = await StartAppAsync(_databases, _random.Next(2) == 0);
            _app.Clock.StepTo(now);
        }

        private static async Task<TestApp> StartAppAsync(TestDatabases databases, bool sharesTails)
        {
            var app = await TestApp.StartAsync(databases, ("Throttle:Enabled", "false"));
            app.Services.GetRequiredService<PageHistory>().MinCheckpointRows = 1;
            app.Services.GetRequiredService<RollupReader>().SharesTails = sharesTails;
            return app;
        }

        public async ValueTask DisposeAsync()
        {
            await _app.DisposeAsync();
            await _other.DisposeAsync();
            _databases.Dispose();
        }
    }
}
