import { expect, it } from "vitest";
import { type Dependent, dropImpliedDependencies } from "../../deploy/implied-dependencies.ts";

const leftOf = (resource: Dependent): unknown => {
  dropImpliedDependencies({ Resource: resource });
  return resource.DependsOn;
};

it.each<[string, unknown]>([
  ["Ref", { Bucket: { Ref: "Other" } }],
  ["Fn::GetAtt", { Role: { "Fn::GetAtt": ["Other", "Arn"] } }],
  ["Fn::GetAtt with a dot", { Role: { "Fn::GetAtt": "Other.Arn" } }],
  ["Fn::Sub", { Url: { "Fn::Sub": "https://${Other}.example.org" } }],
  ["Fn::Sub of an attribute", { Arn: { "Fn::Sub": "${Other.Arn}/*" } }],
  ["a list in a list", { Target: { "Fn::Join": ["/", ["integrations", { Ref: "Other" }]] } }],
])("a dependency that %s says already is dropped", (_, Properties) => {
  expect(leftOf({ DependsOn: ["Other"], Properties })).toBeUndefined();
  expect(leftOf({ DependsOn: "Other", Properties })).toBeUndefined();
  expect(leftOf({ DependsOn: ["Other", "Third"], Properties })).toEqual(["Third"]);
});

it("one that nothing else says is kept", () => {
  expect(leftOf({ DependsOn: ["Other"], Properties: { Name: "Other", Bucket: { Ref: "Another" } } })).toEqual([
    "Other",
  ]);
  expect(leftOf({ DependsOn: "Other" })).toEqual(["Other"]);
});

it("one that only a condition says is kept: it may not hold", () => {
  const Properties = { Arn: { "Fn::If": ["Has", { Ref: "Other" }, { Ref: "AWS::NoValue" }] } };
  expect(leftOf({ DependsOn: ["Other"], Properties })).toEqual(["Other"]);
});
