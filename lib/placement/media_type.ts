/** The media type that a name's extension stands for (Bun's table of the IANA registry). */
export function mediaTypeOf(name: string): string {
  const extension = /\.[A-Za-z0-9]{1,16}$/.exec(name)?.[0].toLowerCase() ?? "";
  // Only a type is asked for; no such file is opened.
  return Bun.file(`name${extension}`).type;
}
