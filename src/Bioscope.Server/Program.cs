using Bioscope.Server.Commands;

return await CommandLine.RunAsync(args);
