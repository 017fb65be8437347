using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Bioscope.Micro.ReferrerBenchmarks).Assembly).Run(args);
