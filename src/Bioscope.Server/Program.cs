Console.WriteLine("bioscope");
