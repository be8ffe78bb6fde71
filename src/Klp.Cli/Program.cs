System.Console.Error.WriteLine("klp: no command yet"); return 2;
