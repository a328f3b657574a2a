// Made by scripts/kernels.ts from kernels/trees.as.ts: don't edit.
export const treesWasm = 'AGFzbQEAAAABCAFgBH9/f38AAhIBA2VudgZtZW1vcnkCAwCAgAQDAgEABxUCCHN1YnRyYWN0AAAGbWVtb3J5AgAKOwE5AQF/A0AgBCAAQQN0SARAIAMgBGogASAEav0ABAAgAiAEav0ABAD98QH9CwQAIARBEGohBAwBCwsL';
