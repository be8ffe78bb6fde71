using Klp.Cli;

// The exit codes of every command: 0 done, 1 something is wrong (the messages say what), 2 the command line is wrong, 130 interrupted;
// `klp run -- COMMAND` ends with the command's own.
return await KlpCommand.RunAsync(args, new Terminal(Console.Out, Console.Error));
