/** Sets of samples with their classes, as help and messages list them. */
export const labeledSets = 'sample:digits, mnist:FOLDER, cifar10:FOLDER or cifar10:FILE';

/** Whether `--data` names one of them, and not a file of samples alone. */
export function isLabeledSet(data: string): boolean {
  return /^(sample|mnist|cifar10):/.test(data);
}
