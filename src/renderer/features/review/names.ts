interface Named {
  readonly id: string;
  readonly participant: string | null;
  readonly label: string | null;
}

/** What a person is called: by the researcher, or the participant's code where there is one. The number is always there. */
export function nameOf({ id, participant, label }: Named): string {
  const name = [label, participant].filter((part) => part !== null).join(', ');
  return name ? `${name} (${id})` : id;
}
