return await Bioscope.Bench.CommandLine.RunAsync(args);
