return await Bioscope.Scale.CommandLine.RunAsync(args);
