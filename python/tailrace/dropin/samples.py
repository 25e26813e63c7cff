"""Answers on which tailrace and botocore are compared before a client is patched: every type, null, what is unknown."""

from __future__ import annotations

__all__ = ["SAMPLES"]

_ITEM = (
    b'{"id":{"S":"a\\u00e9"},"n":{"N":"1.50"},"b":{"B":"aGk="},"t":{"BOOL":true},"z":{"NULL":true},"ss":{"SS":["x"]},'
    b'"ns":{"NS":["1","2"]},"bs":{"BS":["aGk="]},"l":{"L":[{"S":""},{"M":{}}]},"m":{"M":{"k":{"L":[]}}}}'
)
SAMPLES = {
    "GetItem": b'{"Item":%s,"New":{"x":[1]},"ConsumedCapacity":{"Table":{"CapacityUnits":0.5},"TableName":"t"}}'
    % _ITEM,
    "Scan": b'{"ScannedCount":2,"Count":1,"Items":[%s,{}],"LastEvaluatedKey":{"id":{"S":"a"}},"ConsumedCapacity":null}'
    % _ITEM,
    "BatchGetItem": b'{"Responses":{"t":[%s]},"UnprocessedKeys":{"t":{"Keys":[%s]}}}' % (_ITEM, _ITEM),
    "TransactGetItems": b'{"Responses":[{"Item":%s},{}]}' % _ITEM,
    "GetRecords": b'{"Records":[{"awsRegion":"r","eventID":"1","dynamodb":{"SizeBytes":5,"NewImage":%s,"OldImage":{},'
    b'"Keys":null,"ApproximateCreationDateTime":1700000000},"userIdentity":{"Type":"Service","PrincipalId":"p"},"x":1},'
    b'{"dynamodb":{"ApproximateCreationDateTime":1.7000000015E9}}],"NextShardIterator":"i"}' % _ITEM,
}
