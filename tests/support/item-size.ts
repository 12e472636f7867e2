import type { AttributeValue } from "@aws-sdk/client-dynamodb";

const bytesOf = (value: AttributeValue): number => {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.B !== undefined) return value.B.length;
  if (value.BOOL !== undefined) return 1;
  // One byte for each two significant digits, one more, and one for the sign: never less than DynamoDB counts.
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 2;
  throw new Error("a kind of attribute that no item of ours has");
};

/**
 * The size of an item in bytes, as DynamoDB counts it: the names and the values of its attributes. 1,024 bytes are one
 * write unit. See "DynamoDB item sizes and formats" in Amazon's developer guide.
 */
export const itemSize = (item: Readonly<Record<string, AttributeValue>>): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0);
