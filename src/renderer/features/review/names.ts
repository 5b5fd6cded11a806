/** What a person is called: the participant's code where there is one. */
export const nameOf = ({ id, participant }: { readonly id: string; readonly participant: string | null }): string =>
  participant === null ? id : `${participant} (${id})`;
